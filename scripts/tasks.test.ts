import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './run-task.ts';
import { inRounds, type Task, tasks } from './tasks.ts';

const root = join(import.meta.dirname, '..');
const runs = tasks.filter(({ title }) => title.startsWith('real containers with '));

test('of the two runs of the integration suite the first leaves nothing out, and the second what is named and there', () => {
  const [first, second] = runs.map(({ command }) =>
    command.filter((word, index) => word === '--exclude' || command[index - 1] === '--exclude'),
  );
  expect(first).toEqual([]);
  const excluded = second?.filter((word) => word !== '--exclude') ?? [];
  expect(excluded.slice(0, 2)).toEqual(['spec-tests/seccomp-oracle/**', 'spec-tests/library/**']);
  for (const pattern of excluded.flatMap(alternatives)) expect(matching(pattern), pattern).not.toEqual([]);
  // The library is the same, whatever the command is.
  const calls = { 'seccomp-oracle': /harness\/|RUNTIME|clause\(/, library: /RUNTIME|findRuntime/ };
  for (const [folder, call] of Object.entries(calls)) {
    const files = readdirSync(join(root, 'spec-tests', folder)).filter((file) => file.endsWith('.ts'));
    for (const name of files) expect(readFileSync(join(root, 'spec-tests', folder, name), 'utf8'), name).not.toMatch(call);
  }
});

/** What the one `{a,b}` of a pattern stands for. */
function alternatives(pattern: string): readonly string[] {
  const [, before = '', inner, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return inner === undefined ? [pattern] : inner.split(',').map((one) => before + one + after);
}

function matching(pattern: string): readonly string[] {
  const [before = '', after = ''] = pattern.replace('**', '*').split('*');
  return readdirSync(join(root, 'spec-tests'), { recursive: true, encoding: 'utf8' })
    .map((file) => `spec-tests/${file}`)
    .filter((file) => (pattern.includes('*') ? file.startsWith(before) && file.endsWith(after) : file === pattern));
}

const title = (task: Task) => task.title;

test('what keeps one processor busy runs beside others of the kind that follow it, and everything else alone', () => {
  const task = (name: string, beside?: true): Task => ({ group: 'lint', title: name, command: [], ...(beside && { beside }) });
  const list = [task('a', true), task('b', true), task('c'), task('d'), task('e', true), task('f'), task('g', true), task('h', true)];
  expect(inRounds(list).map((round) => round.map(title))).toEqual([['a', 'b'], ['c'], ['d'], ['e'], ['f'], ['g', 'h']]);
  const containers = inRounds(tasks).find((round) => round.some((one) => one.title === 'real containers with dist/runts'));
  expect(containers).toHaveLength(1);
});

test.each([
  ['ends well', ['true'], { passed: 1, failed: 0 }],
  ['fails', ['sh', '-c', 'echo out; echo err >&2; exit 3'], { failed: 1, note: 'status 3', output: 'out\nerr\n' }],
  ['is ended by a signal', ['sh', '-c', 'kill -KILL $$'], { failed: 1, note: 'ended by SIGKILL' }],
  ['is not there', ['/is/not/there'], { failed: 1, note: 'Error: spawn /is/not/there ENOENT' }],
] as const)('a tool that %s is counted so', async (_title, command, outcome) => {
  expect(await run({ group: 'lint', title: 'x', command }, true)).toMatchObject(outcome);
});

test('vitest that leaves no report has failed, with its last words, and its output is kept where others run beside it', async () => {
  const command = ['sh', '-c', 'echo shown; echo last words >&2; kill -SEGV $$'];
  const outcome = await run({ group: 'spec', title: 'x', command, counts: 'vitest' }, false);
  expect(outcome).toMatchObject({ failed: 1, output: 'shown\nlast words\n' });
  expect(outcome.note).toBe('vitest left no report, and ended with SIGSEGV after: last words');
});
