// Runs a task of `npm test`, and counts what came of it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isInstalled } from './programs.js';
import type { Summary } from './summary.ts';
import type { Task } from './tasks.ts';
import { Unavailable } from './unavailable.js';

const root = dirname(import.meta.dirname);

export interface Outcome extends Summary {
  /** Why something was skipped or failed, in a few words. */
  readonly note?: string;
  /** What it said, where that has not been shown as it went. */
  readonly output?: string;
}

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function execute(task: Task, extra: readonly string[], stdout: 'inherit' | 'pipe'): Promise<Ended> {
  const [program = '', ...args] = [...task.command, ...extra];
  const child = spawn(program, args, { cwd: root, env: { ...process.env, ...task.env }, stdio: ['ignore', stdout, 'pipe'] });
  const said = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream))));
  const ended = new Promise<Pick<Ended, 'status' | 'signal'>>((resolve, reject) => {
    child.on('error', reject).on('close', (status, signal) => resolve({ status, signal }));
  });
  const [result, [out = '', err = '']] = await Promise.all([ended, said]);
  return { ...result, stdout: out, stderr: err };
}

let reports = 0;

/** vitest shows its tests as they go, where nothing runs beside it. */
async function runVitest(task: Task, alone: boolean): Promise<Outcome> {
  const file = join(root, 'build', `vitest-${process.pid}-${reports++}.json`);
  const record = task.platform === undefined ? [] : [`--outputFile.record=${join('build', `platform-${task.platform}.json`)}`];
  const { status, signal, stdout, stderr } = await execute(task, [`--outputFile.summary=${file}`, ...record], alone ? 'inherit' : 'pipe');
  const output = `${stdout}${stderr}`;
  try {
    const summary = JSON.parse(readFileSync(file, 'utf8')) as Summary;
    // A file that cannot even be loaded has no tests to fail, an error between tests belongs to none: both show in the status only.
    return { ...summary, failed: summary.failed || (status === 0 ? 0 : 1), output };
  } catch {
    if (status === Unavailable.status) return { ...skipped('what it needs cannot be had here, see above'), output };
    const note = `vitest left no report, and ended with ${signal ?? `status ${status}`} after: ${lastLines(stderr)}`;
    return { passed: 0, failed: 1, skipped: 0, note, output };
  } finally {
    rmSync(file, { force: true });
  }
}

const lastLines = (words: string): string => words.trimEnd().split('\n').slice(-8).join(' | ');

const skipped = (note: string): Outcome => ({ passed: 0, failed: 0, skipped: 1, note, reasons: { [note]: 1 } });

const failed = (note: string, output = ''): Outcome => ({ passed: 0, failed: 1, skipped: 0, note, output });

/**
 * Output of a tool is worth reading when it fails.
 * @param alone whether no other task runs meanwhile
 */
export async function run(task: Task, alone: boolean): Promise<Outcome> {
  if (task.needs && !isInstalled(task.needs)) return skipped(`${task.needs} is not installed`);
  if (task.needsFile && !existsSync(task.needsFile)) return skipped(`there is no ${task.needsFile}`);
  if (task.needsRoot && process.geteuid?.() !== 0) return skipped('not root');
  try {
    if (task.counts === 'vitest') return await runVitest(task, alone);
    const { status, signal, stdout, stderr } = await execute(task, [], 'pipe');
    if (status === 0) return { passed: 1, failed: 0, skipped: 0 };
    return failed(signal ? `ended by ${signal}` : `status ${status}`, `${stdout}${stderr}`);
  } catch (error) {
    return failed(String(error));
  }
}
