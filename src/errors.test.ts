import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explainedCodes } from './cli/explanations/chapters.ts';
import { RuntimeError } from './errors.ts';

const texts = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, import.meta.url), 'utf8') }));

/** The members of a union of texts in a source. */
function union(name: string, type: string): string[] {
  const text = texts.find((source) => source.name === name)?.text ?? '';
  const [, members = ''] = new RegExp(`export type ${type} =([^;]*);`).exec(text.replace(/\/\*.*?\*\/|\/\/.*/g, '')) ?? [];
  return [...members.matchAll(/'([A-Z][A-Z0-9_]*)'/g)].map(([, member]) => member as string);
}

const kinds = ['failure', 'warning', 'finding'] as const;
const explained = new Map(kinds.map((kind) => [kind, explainedCodes().flatMap((each) => (each.kind === kind ? each.code : []))]));

test('the codes of failures, of warnings and of findings are explained, each once, and no others', () => {
  expect(explained.get('failure')?.length).toBeGreaterThan(90);
  expect(explained.get('failure')?.toSorted()).toEqual(union('error-codes.ts', 'ErrorCode').toSorted());
  expect(explained.get('warning')?.toSorted()).toEqual(union('error-codes.ts', 'WarningCode').toSorted());
  expect(explained.get('finding')?.toSorted()).toEqual(union('spec/findings.ts', 'FindingCode').toSorted());
});

test('every code is used', () => {
  const uses = texts.flatMap(({ name, text }) => (name === 'error-codes.ts' || name === 'spec/findings.ts' ? [] : text)).join('\n');
  for (const code of [...explained.values()].flat()) expect(uses.includes(`'${code}'`), code).toBe(true);
});

test('an error told in other words keeps what is known of the failure, and has it as its cause', () => {
  const first = new RuntimeError('STEP_FAILED', 'it failed', { pointer: '/a', step: 'do', errno: 'EIO', cause: 'reason' });
  const told = first.restated('so it failed', { hint: 'mend it' });
  expect({ ...told, message: told.message, cause: told.cause }).toEqual({
    ...first,
    message: 'so it failed',
    hint: 'mend it',
    cause: first,
  });
  expect([first.message, first.hint, first.cause]).toEqual(['it failed', undefined, 'reason']);
});

test('what was caught is looked at before it is taken for anything: no casts, and nothing is written on it', () => {
  for (const { name, text } of texts) {
    if (name === 'native/system-error.ts' || name.endsWith('/testing.ts')) continue;
    expect(text.match(/^.*\bas \w*(Error|Exception)\b.*$/gm)?.filter((line) => !/^\s*(\*|\/)/.test(line)) ?? [], name).toEqual([]);
    expect(text.match(/^.*\b(error|cause|failure|thrown)\.\w+ \??=[^=].*$/gm) ?? [], name).toEqual([]);
  }
});
