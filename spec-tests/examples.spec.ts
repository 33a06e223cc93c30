// The examples of docs/errors.md: each brings its code about, and mended does not.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ExplainedCode, explainedCodes } from '../src/cli/explanations/chapters.ts';
import { elsewhere } from './examples/elsewhere.ts';
import { findings } from './examples/findings.ts';
import { play } from './examples/play.ts';
import type { Row } from './examples/row.ts';
import { rows } from './examples/rows.ts';
import { clause } from './harness/clause.ts';

const all = explainedCodes();

const rowOf = ({ kind, code }: ExplainedCode): Row | undefined => (kind === 'finding' ? findings : rows)[code];

describe('the examples of docs/errors.md', () => {
  test('each is tried, or it is said why not', () => {
    const codes = new Set(all.filter((each) => rowOf(each) === undefined).map(({ code }) => code));
    expect(Object.keys(elsewhere).toSorted()).toEqual([...codes].toSorted());
    for (const [, file = ''] of Object.values(elsewhere)
      .join('\n')
      .matchAll(/([\w/-]+\.spec\.ts)/g))
      expect(existsSync(join(import.meta.dirname, file)), file).toBe(true);
    expect([...Object.keys(rows), ...Object.keys(findings)].filter((code) => !all.some((each) => each.code === code))).toEqual([]);
  });

  for (const each of all) {
    const row = rowOf(each);
    if (row === undefined) test.skip(`CLI-010 ${each.code} [skipped: ${elsewhere[each.code]}]`);
    else clause(`CLI-010 ${each.code}: ${each.example}`, (box) => play(box, each, row), 'runts', ...(row.needs ?? []));
  }
});
