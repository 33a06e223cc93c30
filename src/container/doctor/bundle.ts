import { RuntimeError } from '../../errors.ts';
import { plan } from '../../plan/build.ts';
import { isNew } from '../../plan/context.ts';
import type { Plan, Warning } from '../../plan/plan.ts';
import type { Spec } from '../../spec/types.ts';
import { type Bundle, bundleFor, readBundle } from '../bundle/bundle.ts';
import type { Context } from '../context.ts';
import { planOptions } from '../plan-options.ts';
import type { BundleFinding, Machine } from './check.ts';
import { Remainder } from './remainder.ts';
import { stepFindings } from './steps.ts';

/** No configuration has more to say than anybody reads. */
const MOST = 64;

function told({ code, pointer = '', message, hint, problems = [] }: RuntimeError): BundleFinding[] {
  const more = hint === undefined ? {} : { hint };
  if (problems.length === 0) return [{ severity: 'error', code, pointer, message, ...more }];
  return problems.map((problem) => ({ severity: 'error', code, ...more, ...problem }));
}

const warned = ({ code, pointer = '', message, hint }: Warning): BundleFinding => ({
  severity: 'warning',
  code,
  pointer,
  message,
  ...(hint === undefined ? {} : { hint }),
});

interface Compiled {
  readonly findings: readonly BundleFinding[];
  readonly plan?: Plan;
}

/** Everything that the planner refuses, one after the other, and the plan of the rest. */
function compile(spec: Spec, make: (spec: Spec) => Plan): Compiled {
  const rest = new Remainder(spec);
  const findings: BundleFinding[] = [];
  while (findings.length < MOST) {
    try {
      return { findings, plan: make(rest.spec) };
    } catch (error) {
      // What is left may have become meaningless by what was taken away; the first answer is always the planner's own.
      if (!(error instanceof RuntimeError)) {
        if (findings.length === 0) throw error;
        break;
      }
      const { pointer, taken } = rest.take(error.pointer ?? '');
      findings.push(...told(error.restated(error.message, { pointer })));
      if (!taken) break;
    }
  }
  return { findings };
}

function userNamespace({ linux }: Spec, { noUserNamespace: cannot, noRights }: Machine): BundleFinding[] {
  if (!isNew(linux ?? {}, 'user') || (cannot === undefined && noRights === undefined)) return [];
  const message = cannot === undefined ? 'a user namespace would give no rights here' : `no user namespace can be made: ${cannot.why}`;
  const hint = cannot === undefined ? noRights : cannot.hint;
  return [{ severity: 'error', code: 'STEP_FAILED', pointer: '/linux/namespaces', message, ...(hint === undefined ? {} : { hint }) }];
}

/** What `create` would say of a bundle, all of it at once, and what would be in its way afterwards. Nothing is done. */
export function bundleFindings(context: Context, machine: Machine, bundle: string, configFile: string | undefined): BundleFinding[] {
  const warnings: BundleFinding[] = [];
  const warn = (warning: Warning): void => void warnings.push(warned(warning));
  const { facts } = machine;
  let read: Bundle;
  try {
    read = bundleFor(facts, readBundle({ bundle, configFile }, warn), warn);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return [...told(error), ...warnings];
  }
  const { findings, plan: compiled } = compile(read.spec, (spec) =>
    plan(spec, planOptions(context, { id: 'example', bundle: read.path }, facts), facts),
  );
  const later = compiled === undefined ? [] : [...stepFindings(compiled, machine), ...compiled.warnings.map(warned)];
  const all = [...findings, ...userNamespace(read.spec, machine), ...later, ...warnings];
  return [...all.filter(({ severity }) => severity === 'error'), ...all.filter(({ severity }) => severity === 'warning')];
}
