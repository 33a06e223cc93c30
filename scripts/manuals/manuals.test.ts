import { describe, expect, test } from 'vitest';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { manualPages } from './man.ts';
import { text } from './roff.ts';
import { globals, type ShownFlag, shownCommands } from './table.ts';
import { zshCompletion } from './zsh.ts';

const pages = new Map(manualPages().map(({ path, text }) => [path, text]));

/** What stands for a command's flags in each of the files. */
const places = (command: string): Readonly<Record<string, string>> => ({
  manual: (pages.get(command === '' ? 'man8/runts.8' : `man8/runts-${command}.8`) ?? '').replaceAll('\\-', '-'),
  bash: new RegExp(`^    ${command === '' ? "''" : command}\\) echo .*`, 'm').exec(bashCompletion())?.[0] ?? '',
  fish: fishCompletion()
    .split('\n')
    .filter((line) => line.includes(`'__runts_is ${command === '' ? '""' : command}'`))
    .join('\n')
    .replaceAll(' -l ', ' --'),
  zsh: zshPart(command),
});

function zshPart(command: string): string {
  const text = zshCompletion();
  const start = text.indexOf(command === '' ? '\n_runts()' : `\n    ${command})\n`);
  return text.slice(start, text.indexOf(command === '' ? '\n}' : ';;', start));
}

describe.each([['', globals] as const, ...shownCommands.map(({ name, flags }) => [name, flags] as const)])(
  'flags of runts %s',
  (name, flags) => {
    test.each(Object.entries(places(name)))('are all in the file for %s', (_, text) => {
      const isThere = ({ name: flag }: ShownFlag) => new RegExp(`--${flag}(?![\\w-])`).test(text);
      expect(flags.filter((flag) => !isThere(flag)).map((flag) => flag.name)).toEqual([]);
    });
  },
);

test('every command is in every file', () => {
  const names = shownCommands.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(15);
  for (const text of [pages.get('man8/runts.8')?.replaceAll('\\-', '-') ?? '', bashCompletion(), fishCompletion(), zshCompletion()]) {
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  }
});

test('the page of config.json describes every property', () => {
  const lines = (pages.get('man5/runts-config.5') ?? '').split('\n');
  const undescribed = lines.flatMap((line, index) => (line === '.TP' && /^\s*$/.test(lines[index + 2] ?? '') ? [lines[index + 1]] : []));
  expect(undescribed).toEqual([]);
  expect(lines.filter((line) => line === '.TP').length).toBeGreaterThan(150);
});

test('texts of the table are no instructions of roff', () => {
  const macros = new Set(['.\\"', '.TH', '.nh', '.ad', '.SH', '.SS', '.PP', '.TP', '.RS', '.RE', '.nf', '.fi']);
  const lines = [...pages.values()].flatMap((page) => page.split('\n'));
  expect(lines.filter((line) => /^[.']/.test(line) && !macros.has(line.split(' ')[0] ?? ''))).toEqual([]);
  expect(text(".TH x\n\\fBtwo - words'\n'quoted")).toBe(
    `${String.raw`\&.TH x`}\n${String.raw`\efBtwo \- words'`}\n${String.raw`\&'quoted`}`,
  );
});
