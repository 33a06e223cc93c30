import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, describe as suite, test } from 'vitest';
import { describe, type RanTest, type Summary, summarize, total } from './summary.ts';

const root = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(tmpdir(), 'runts-summary-'));
afterAll(() => rmSync(directory, { recursive: true }));

const ran = (fullName: string, state: string, errors: string[] = [], note?: string): RanTest => ({
  fullName,
  result: () => ({ state, errors: errors.map((message) => ({ message })), note }),
  meta: () => (fullName.startsWith('mounts') ? { container: true } : {}),
  diagnostic: () => (state === 'skipped' ? undefined : { flaky: state === 'passed' && errors.length > 0 }),
});

suite('the summary of a run', () => {
  const summary = summarize([
    ran('mounts > RT-018 a', 'passed'),
    ran('mounts > RT-018 b', 'passed', ['expected 1 to be 2\nin more words', 'expected 3 to be 2']),
    ran('mounts > RT-018 c', 'failed', ['no', 'again no']),
    ran('mounts > RT-018 d [skipped: needs root]', 'skipped'),
    ran('everything [skipped: needs root] > RT-018 e', 'skipped'),
    ran('mounts > f', 'skipped', [], 'no network'),
    ran('mounts > g', 'pending'),
    ran('mounts > h [expected difference: takes [none]]', 'passed'),
  ]);

  test('counts, groups what was skipped by reason, and names what needed a second try with its first error', () => {
    expect(summary).toEqual({
      passed: 3,
      failed: 1,
      skipped: 4,
      containers: 4,
      reasons: { 'needs root': 2, 'no network': 1, 'no reason given': 1 },
      differences: { 'takes [none]': 1 },
      secondTries: [{ title: 'mounts > RT-018 b', error: 'expected 1 to be 2' }],
      failures: [{ title: 'mounts > RT-018 c', error: 'no' }],
    });
  });

  test('is said in lines, of which the last has the counts', () => {
    expect(describe(summary)).toEqual([
      'skipped:',
      '     2 needs root',
      '     1 no network',
      '     1 no reason given',
      '',
      'known differences of the runtime:',
      '     1 takes [none]',
      '',
      'needed a second try, which is a defect to mend:',
      '  mounts > RT-018 b',
      '    expected 1 to be 2',
      '',
      'failed:',
      '  mounts > RT-018 c',
      '    no',
      '',
      '3 passed, 1 failed, 4 skipped, 1 needed a second try',
    ]);
    expect(describe(summarize([]))).toEqual(['0 passed, 0 failed, 0 skipped, 0 needed a second try']);
  });

  test('adds up', () => {
    const lint: Summary = { passed: 0, failed: 0, skipped: 1, reasons: { 'needs root': 1 } };
    expect(total([summary, lint, summary])).toMatchObject({
      passed: 6,
      failed: 2,
      skipped: 9,
      reasons: { 'needs root': 5, 'no network': 2 },
      secondTries: [{ title: 'mounts > RT-018 b' }, { title: 'mounts > RT-018 b' }],
      failures: [{ title: 'mounts > RT-018 c' }, { title: 'mounts > RT-018 c' }],
    });
  });

  test('is what vitest reports of a real run, in a file and as its last lines', () => {
    const file = join(directory, 'summary.json');
    writeFileSync(
      join(directory, 'sample.test.ts'),
      `let tries = 0;
       test('second', () => expect(++tries).toBe(2));
       test('first', () => expect(1).toBe(1));
       test.skip('never [skipped: needs the moon]', () => {});
       test('late', (context) => context.skip('needs the sun'));`,
    );
    const output = execFileSync(
      join(root, 'node_modules/.bin/vitest'),
      [
        'run',
        '--globals',
        '--root',
        directory,
        '--retry=1',
        `--reporter=${join(root, 'spec-tests/harness/reporter.ts')}`,
        `--outputFile.summary=${file}`,
      ],
      { cwd: root, encoding: 'utf8' },
    );
    const expected: Summary = {
      passed: 2,
      failed: 0,
      skipped: 2,
      reasons: { 'needs the moon': 1, 'needs the sun': 1 },
      differences: {},
      containers: 0,
      secondTries: [{ title: 'second', error: 'expected 1 to be 2 // Object.is equality' }],
      failures: [],
    };
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(expected);
    expect(output.trimEnd().split('\n').slice(-describe(expected).length)).toEqual(describe(expected));
  });
});
