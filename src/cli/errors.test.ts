import { expect, test } from 'vitest';
import { explanationsOf, renderCodes, renderExplanation } from './errors.ts';
import { chapters, explainedCodes } from './explanations/chapters.ts';

test('each explanation says what, why, with which example, and how to mend it, in a line each', () => {
  for (const { code, what, why, example, mend } of explainedCodes()) {
    for (const text of [what, why, example, mend]) {
      expect(text, code).toMatch(/^[^\n]{3,300}$/);
      expect(text, code).not.toMatch(/\.$|^[A-Z][a-z]+ [a-z]/);
    }
  }
});

test('a code stands once in a chapter, and in two kinds at the most', () => {
  for (const { codes } of chapters) expect(Object.keys(codes).length).toBeGreaterThan(2);
  const kinds = explainedCodes().map(({ code, kind }) => `${code} ${kind}`);
  expect(new Set(kinds).size).toBe(kinds.length);
});

test('a code may be written in any case', () => {
  expect(explanationsOf('unsupported').map(({ kind }) => kind)).toEqual(['finding']);
});

test('an errno is a code', () => {
  expect(explanationsOf('ENOSPC')).toMatchObject([{ code: 'ENOSPC', what: expect.stringContaining('no space left on device') }]);
});

test.each([
  ['CWD_FALED', 'did you mean "CWD_FAILED"? `runts errors` lists all'],
  ['constructor', '`runts errors` lists all'],
  ['', '`runts errors` lists all'],
])('%s is no code', (code, hint) => {
  expect(() => explanationsOf(code)).toThrow(expect.objectContaining({ code: 'CODE_UNKNOWN', hint }));
});

test('one in full, and all in short', () => {
  expect(explanationsOf('GUARD_USELESS').map(renderExplanation).join('')).toBe(
    `GUARD_USELESS (failure): a container without a new pid namespace, or one that is restored, cannot be made to end with its parent: see library.md
  why      only the end of a pid namespace ends all processes in it, and CRIU does not work inside of one
  example  \`await runtime.create({ bundle: "." })\` without a namespace of the type \`pid\`
  mend     add the pid namespace, or go without the guard (\`outlive: true\`)
`,
  );
  const lines = renderCodes(explainedCodes()).trimEnd().split('\n');
  expect(lines).toHaveLength(explainedCodes().length + 2 * chapters.length - 1);
});
