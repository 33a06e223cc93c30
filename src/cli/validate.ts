import { RuntimeError } from '../errors.ts';
import type { Finding } from '../spec/findings.ts';
import type { Invocation } from './invocation.ts';
import { absolute, bundleOf } from './paths.ts';
import { printable } from './table.ts';

/** What is printed: a finding of validation, or that the file is no JSON at all. */
type Printed = Omit<Finding, 'code'> & { readonly code: string };

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** One finding on a line, its hint below, and a sum at the end. */
export function renderFindings(findings: readonly Printed[]): string {
  const lines = findings.flatMap(({ severity, pointer, code, message, hint }) => [
    `${severity.padEnd(7)}  ${pointer || '/'}: ${message} [${code}]`,
    ...(hint === undefined ? [] : [`         hint ${hint}`]),
  ]);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  lines.push(`${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`);
  return lines.map((line) => `${printable(line)}\n`).join('');
}

async function findingsOf(text: string): Promise<readonly Printed[]> {
  const [{ parseJson }, { validateSpec }] = await Promise.all([import('../spec/json.ts'), import('../spec/validate.ts')]);
  try {
    const { problems, warnings } = validateSpec(parseJson(text));
    return [...problems, ...warnings];
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'INVALID_JSON') throw error;
    return [{ severity: 'error', pointer: error.pointer ?? '', code: error.code, message: error.message }];
  }
}

export async function run({ flags, args, print }: Invocation<'validate'>): Promise<number> {
  const path = absolute(flags.config) ?? `${bundleOf(args[0] ?? flags.bundle)}/config.json`;
  const { addon } = await import('../native/addon.ts');
  const findings = await findingsOf(addon.readFile(path));
  print(flags.format === 'json' ? `${JSON.stringify(findings, null, 2)}\n` : renderFindings(findings));
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}
