import type { ExplainedFinding } from '../spec/explain.ts';
import type { Invocation } from './invocation.ts';
import { absolute, bundleOf } from './paths.ts';
import { printable } from './table.ts';

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function lines({ severity, pointer, line, code, clause, message, found, expected, hint, excerpt }: ExplainedFinding): string[] {
  const saysBoth = message.includes('expected');
  return [
    `${severity.padEnd(7)}  line ${line}, ${pointer || '/'}: ${message} [${code}, ${clause}]`,
    ...(excerpt === undefined ? [] : excerpt.split('\n').map((text) => `         ${text}`)),
    ...(saysBoth ? [] : [`         expected ${expected}, found ${found}`]),
    ...(hint === undefined ? [] : [`         hint ${hint}`]),
  ];
}

/** One finding on a line, what was expected and its hint below, and a sum at the end. */
export function renderFindings(findings: readonly ExplainedFinding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const sum = `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`;
  return [...findings.flatMap(lines), sum].map((line) => `${printable(line)}\n`).join('');
}

async function render(findings: readonly ExplainedFinding[], format: string, path: string): Promise<string> {
  if (format === 'json') return `${JSON.stringify(findings, null, 2)}\n`;
  if (format !== 'sarif') return renderFindings(findings);
  const [{ renderSarif }, { version }] = await Promise.all([import('./validate-sarif.ts'), import('../version.ts')]);
  return renderSarif(findings, `file://${path.split('/').map(encodeURIComponent).join('/')}`, version);
}

export async function run({ flags, args, print, strict }: Invocation<'validate'>): Promise<number> {
  const path = absolute(flags.config) ?? `${bundleOf(args[0] ?? flags.bundle)}/config.json`;
  const [{ readConfig }, { explain }] = await Promise.all([import('../container/bundle/bundle.ts'), import('../spec/explain.ts')]);
  const found = explain(readConfig(path));
  const findings = strict ? found.map((finding) => ({ ...finding, severity: 'error' as const })) : found;
  print(await render(findings, flags.format, path));
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}
