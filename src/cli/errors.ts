import { errnoNumber, errnoText } from '../errno.ts';
import { RuntimeError } from '../errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import { type ExplainedCode, explainedCodes } from './explanations/chapters.ts';
import type { Invocation } from './invocation.ts';
import { printable } from './table.ts';

/** Markdown on paper is not on a terminal. */
const plain = (text: string): string => text.replace(/\[(.*?)\]\(.*?\)/g, '$1');

/** Errnos are explained where they are answered: by the manual of the call. */
function errno(code: string): ExplainedCode[] {
  const number = errnoNumber(code);
  if (number === 0) return [];
  return [
    {
      code,
      kind: 'failure',
      chapter: 'System calls',
      what: `a system call was answered with errno ${number}: ${errnoText(number)}`,
      why: 'the kernel refused a call that no step of a plan explains',
      example: 'the message names the call, and what it was about',
      mend: 'the manual of that call (section 2) says what this errno means there',
    },
  ];
}

/**
 * What is known of a code, in capitals or not.
 * @throws RuntimeError CODE_UNKNOWN
 */
export function explanationsOf(code: string): ExplainedCode[] {
  const all = explainedCodes();
  const wanted = code.toUpperCase();
  const found = all.filter((each) => each.code === wanted);
  if (found.length > 0) return found;
  const answer = errno(wanted);
  if (answer.length > 0) return answer;
  const nearest = didYouMean(wanted, [...new Set(all.map((each) => each.code))]);
  throw new RuntimeError('CODE_UNKNOWN', `there is no code ${JSON.stringify(code)}`, {
    hint: `${nearest === undefined ? '' : `${nearest} `}\`runts errors\` lists all`,
  });
}

/** One code in full. */
export function renderExplanation({ code, kind, what, why, example, mend }: ExplainedCode): string {
  const rows = [
    ['why', why],
    ['example', example],
    ['mend', mend],
  ] as const;
  return `${[`${code} (${kind}): ${plain(what)}`, ...rows.map(([word, text]) => `  ${word.padEnd(8)} ${plain(text)}`)].map(printable).join('\n')}\n`;
}

/** All codes, a line each, below their chapters. */
export function renderCodes(all: readonly ExplainedCode[]): string {
  const width = Math.max(...all.map(({ code }) => code.length));
  const lines: string[] = [];
  let last: string | undefined;
  for (const { chapter, code, what } of all) {
    if (chapter !== last) lines.push(...(last === undefined ? [] : ['']), chapter);
    last = chapter;
    lines.push(`  ${code.padEnd(width)}  ${plain(what)}`);
  }
  return `${lines.join('\n')}\n`;
}

export function run({ args: [code], flags, print }: Invocation<'errors'>): number {
  const found = code === undefined ? explainedCodes() : explanationsOf(code);
  if (flags.format === 'json') print(`${JSON.stringify(found, null, 2)}\n`);
  else print(code === undefined ? renderCodes(found) : found.map(renderExplanation).join('\n'));
  return 0;
}
