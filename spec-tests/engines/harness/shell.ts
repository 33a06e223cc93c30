import { execFile, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';

/** Directory of this run, private and removed at its end. */
export const runDirectory = process.env['ENGINES_RUN'] ?? '';
/** Name of the cgroup that all containers of this run are below. */
export const tag = process.env['ENGINES_TAG'] ?? '';
if (!runDirectory || !tag) throw new Error('start this suite with `npm run test:engines`: it needs namespaces of its own');

/** A finished command; stdout and stderr without blanks at the ends. */
export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions {
  /** Given on stdin; absent: end of file at once. */
  readonly input?: string | Buffer;
  /** Milliseconds until the command is killed. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, whatever that is. */
export function attempt(command: readonly string[], { input = '', timeout = 50_000, env }: ShellOptions = {}): Promise<Finished> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const options = { timeout, killSignal: 'SIGKILL' as const, maxBuffer: 64 << 20, env: { ...process.env, ...env } };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const status = error ? (typeof error.code === 'number' ? error.code : 1000) : 0;
      resolve({ status, stdout: stdout.trim(), stderr: stderr.trim() });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Runs a command that must succeed. @returns stdout; @throws Error with what it said */
export async function shell(command: readonly string[], options: ShellOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await attempt(command, options);
  if (status !== 0) throw new Error(`status ${status} of ${command.join(' ').slice(0, 500)}\nstdout: ${stdout}\nstderr: ${stderr}`);
  return stdout;
}

/** Waits until `condition` holds; what it throws counts as "not yet". */
export async function until<T>(what: string, condition: () => T | Promise<T>, milliseconds = 20_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + milliseconds;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A daemon whose output goes to a file of the run's directory. */
export interface Daemon {
  /** Ends it with SIGTERM, or SIGKILL after ten seconds. */
  stop(): Promise<void>;
}

/** Starts a daemon and waits until `ready`. */
export async function daemon(name: string, command: readonly string[], ready: () => Promise<unknown>): Promise<Daemon> {
  const log = openSync(join(runDirectory, `${name}.log`), 'a');
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true });
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  child.on('error', () => undefined);
  await until(`${name} is ready (see ${name}.log)`, async () => {
    await ready();
    return true;
  });
  return {
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}
