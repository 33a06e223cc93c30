import { RuntimeError } from '../errors.ts';
import type { Context } from './context.ts';
import { aroundChecks } from './doctor/around.ts';
import { bundleFindings } from './doctor/bundle.ts';
import { cgroupChecks } from './doctor/cgroups.ts';
import type { BundleFinding, Check, Machine } from './doctor/check.ts';
import { kernelChecks } from './doctor/kernel.ts';
import { lookAround } from './doctor/machine.ts';
import { namespaceChecks } from './doctor/namespaces.ts';
import { programChecks } from './doctor/programs.ts';
import { securityChecks } from './doctor/security.ts';

/** What this machine can do, and what of a bundle would not work on it. */
export interface Diagnosis {
  /** Whether containers can be made here, and that of the bundle, if there is one. */
  readonly fine: boolean;
  readonly checks: readonly Check[];
  /** Absent: no bundle was asked about. */
  readonly findings?: readonly BundleFinding[];
}

export interface DiagnosisRequest {
  /** Asked for late: that it is refused is an answer, too. */
  readonly context: () => Context;
  /** Absolute path; absent: the machine alone. */
  readonly bundle?: string;
  readonly configFile?: string;
  /** Whether a warning about the bundle is an error. */
  readonly strict?: boolean;
}

/** A refusal of what everything else needs, as a check. */
const refused = (topic: string, subject: string, why: string, { message, hint }: RuntimeError): Check => ({
  topic,
  subject,
  state: 'missing',
  found: message,
  why,
  ...(hint === undefined ? {} : { mend: hint }),
});

function refusal<T>(attempt: () => T, told: (error: RuntimeError) => Check): { readonly value?: T; readonly check?: Check } {
  try {
    return { value: attempt() };
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return { check: told(error) };
  }
}

/** All checks of a machine; pure. */
export const machineChecks = (machine: Machine): Check[] => [
  ...kernelChecks(machine),
  ...namespaceChecks(machine),
  ...cgroupChecks(machine),
  ...securityChecks(machine),
  ...programChecks(machine),
  ...aroundChecks(machine),
];

/** Looks at this machine, and at a bundle; nothing is left behind. */
export function diagnose({ context, bundle, configFile, strict = false }: DiagnosisRequest): Diagnosis {
  const around = refusal(lookAround, (error) => refused('Kernel', 'procfs', 'runts learns from it what this machine is like', error));
  const state = refusal(context, (error) => refused('State', 'directory', 'the state of containers is kept there', error));
  const checks = [...(around.value ? machineChecks(around.value) : []), ...[around.check, state.check].flatMap((check) => check ?? [])];
  const works = checks.every((check) => check.state !== 'missing');
  if (bundle === undefined || around.value === undefined || state.value === undefined) return { fine: works, checks };
  const found = bundleFindings(state.value, around.value, bundle, configFile);
  const findings = strict ? found.map((finding) => ({ ...finding, severity: 'error' as const })) : found;
  return { fine: works && findings.every(({ severity }) => severity !== 'error'), checks, findings };
}
