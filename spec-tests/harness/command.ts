import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callTimeout, patience } from './suite.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Given on stdin; default is the null device. */
  readonly input?: string;
  /** Milliseconds until the command is killed. */
  readonly timeout?: number;
}

/** A finished command. stdout and stderr are read when asked: what it started may still be writing there. */
export class Result {
  readonly command: readonly string[];
  /** Exit status; 128 + n when killed by signal n; 124 when the deadline passed. */
  readonly status: number;
  readonly pid: number;
  private readonly files: { stdout: string; stderr: string };

  constructor(command: readonly string[], status: number, pid: number, files: { stdout: string; stderr: string }) {
    this.command = command;
    this.status = status;
    this.pid = pid;
    this.files = files;
  }

  get stdout(): string {
    return readFileSync(this.files.stdout, 'utf8');
  }

  get stderr(): string {
    return readFileSync(this.files.stderr, 'utf8');
  }

  /** stdout parsed as JSON. */
  json<T = Record<string, unknown>>(): T {
    try {
      return JSON.parse(this.stdout) as T;
    } catch {
      throw new Error(`no JSON on stdout of ${this}`);
    }
  }

  /** @returns itself; @throws Error with both streams when the status is not 0. */
  ok(): this {
    if (this.status !== 0) throw new Error(`status ${this.status} of ${this}`);
    return this;
  }

  toString(): string {
    return `${this.command.join(' ')}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`;
  }
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
  SIGSYS: 31,
};
let serial = 0;

/** A command under way. */
export interface Running {
  readonly pid: number;
  readonly exited: Promise<Result>;
  /** What it has printed so far. */
  output(): string;
  /** Kills it unless it has ended. */
  stop(): void;
}

/**
 * Starts a command with stdio on files below `directory`, not on pipes: a container keeps the runtime's stdio open long after the
 * runtime has gone.
 */
export function start(directory: string, command: readonly string[], options: CommandOptions = {}): Running {
  const base = join(directory, `call-${++serial}`);
  const files = { stdout: `${base}.out`, stderr: `${base}.err` };
  if (options.input !== undefined) writeFileSync(`${base}.in`, options.input);
  const stdio = [
    openSync(options.input === undefined ? '/dev/null' : `${base}.in`, 'r'),
    openSync(files.stdout, 'a'),
    openSync(files.stderr, 'a'),
  ];
  const [file = '', ...args] = command;
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio });
  for (const fd of stdio) closeSync(fd);
  const exited = new Promise<Result>((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, options.timeout ?? callTimeout);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      const status = late ? 124 : (code ?? 128 + (signalNumbers[signal ?? ''] ?? 0));
      resolve(new Result(command, status, child.pid ?? 0, files));
    });
  });
  return { pid: child.pid ?? 0, exited, output: () => readFileSync(files.stdout, 'utf8'), stop: () => void child.kill('SIGKILL') };
}

/** Runs a command to its end. */
export function call(directory: string, command: readonly string[], options: CommandOptions = {}): Promise<Result> {
  return start(directory, command, options).exited;
}

/** Waits until `condition` returns something truthy; looks again every few milliseconds. @throws Error when the deadline passes. */
export async function until<T>(what: string, condition: () => T | Promise<T>, milliseconds = patience): Promise<NonNullable<T>> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
