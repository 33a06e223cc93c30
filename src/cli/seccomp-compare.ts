import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { type Coverage, coverageOf, type RefusedCall } from '../spec/seccomp/coverage.ts';
import type { Invocation } from './invocation.ts';
import { readProfile } from './seccomp-profile.ts';
import { printable } from './table.ts';

const WIDTH = 100;

/** Words in lines of at most WIDTH characters. */
function wrapped(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function chapter(title: string, count: number, lines: readonly string[]): string[] {
  return count === 0 ? [] : [`${title}: ${count}`, ...lines];
}

function callLines(calls: readonly RefusedCall[]): string[] {
  const width = Math.max(0, ...calls.map(({ name }) => name.length));
  return calls.map(({ name, architecture, action }) => `  ${name.padEnd(width)}  ${action}  ${architecture}`);
}

/** What is refused first, as it matters most. */
export function renderCoverage({ used, refused, conditional, unused }: Coverage): string {
  const lines = [
    ...chapter('used and refused', refused.length, callLines(refused)),
    ...chapter('used, and refused with some arguments', conditional.length, callLines(conditional)),
    ...chapter('permitted and not used', unused.length, wrapped(unused)),
    `${used.length} used, ${refused.length} of them refused; ${unused.length} more permitted`,
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** `seccomp compare`. @returns 1 when a call is refused that is used, else 0 */
export function compare({ flags, args, print, context }: Invocation<'seccomp'>): number {
  const [, used, other = '.'] = args;
  if (used === undefined) throw new RuntimeError('USAGE', 'seccomp compare: a profile has to be given');
  const operations = context();
  const coverage = coverageOf(readProfile(other, operations), readProfile(used, operations), addon.uname().machine);
  print(flags.format === 'json' ? `${JSON.stringify(coverage, null, 2)}\n` : renderCoverage(coverage));
  return coverage.refused.length > 0 ? 1 : 0;
}
