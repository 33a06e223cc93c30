import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { Stdio } from '../container/init/created.ts';
import { RuntimeError } from '../errors.ts';
import { SIGKILL } from '../kernel.gen.ts';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import { type Ending, signalName, signalNumber } from './ending.ts';
import { Output } from './output.ts';
import { PolledWriter } from './polled.ts';
import { Terminal } from './terminal.ts';
import { awaited, waitReadable } from './watcher.ts';

/** A promise's value, unless `signal` comes first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort as () => void, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort as () => void);
  }
}

/** What a process was started with. */
interface Started {
  readonly pid: number;
  /** Becomes the process's. */
  readonly pidfd: number;
  /** Master of its terminal, which becomes its as well; absent or -1: none. */
  readonly console?: number;
}

/** The write end of a pipe as a stream. */
export const sinkOf = (fd: number): Writable =>
  'bun' in process.versions ? new PolledWriter(fd) : new Socket({ fd, readable: false, writable: true });

/** Ends of pipes that a terminal has taken the place of. */
function unused(stdio: Stdio): Stdio {
  for (const fd of stdio) if (fd >= 0) addon.close(fd);
  return [-1, -1, -1];
}

/**
 * A process of a container that this one has started: its streams, and its end.
 * The end is that of the process: it is known when the streams have ended before, and the streams end with it.
 */
export class ChildProcess {
  readonly pid: number;
  /** A sink, where it was asked for; what a process does not read any more is an EPIPE. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Its terminal, where it has one: that is `stdin` and `stdout` then, and there is no `stderr`. */
  readonly terminal: Terminal | null;
  /** Settled when the process has ended; never rejected. */
  readonly ended: Promise<Ending>;
  private readonly outputs: readonly (Output | Terminal)[];
  private pidfd: number;

  /** @internal */
  constructor({ pid, pidfd, console = -1 }: Started, stdio: Stdio = [-1, -1, -1]) {
    this.pid = pid;
    this.pidfd = pidfd;
    this.terminal = console < 0 ? null : new Terminal(console);
    const [input, output, errors] = this.terminal ? unused(stdio) : stdio;
    this.stdin = this.terminal ?? (input < 0 ? null : sinkOf(input));
    const stdout = this.terminal ?? (output < 0 ? null : new Output(output));
    const stderr = errors < 0 ? null : new Output(errors);
    this.stdout = stdout;
    this.stderr = stderr;
    this.outputs = [stdout, stderr].filter((stream) => stream !== null);
    this.ended = this.end();
  }

  private async end(): Promise<Ending> {
    await waitReadable(this.pidfd).ended;
    const ending = this.reap();
    addon.close(this.pidfd);
    this.pidfd = -1;
    if (!this.terminal) this.stdin?.destroy();
    for (const output of this.outputs) output.close();
    return ending;
  }

  private reap(): Ending {
    const used = this.waitUsage();
    if (!used) return { exitCode: null, signal: null, usage: {} };
    const { status, signal, peakMemory, ...rest } = used;
    // Of a small process that was killed the kernel says nothing.
    const usage = { ...rest, ...(peakMemory > 0 ? { peakMemory } : {}) };
    return signal > 0 ? { exitCode: null, signal: signalName(signal), usage } : { exitCode: status, signal: null, usage };
  }

  /** null when somebody else has waited for it, or traces it. */
  private waitUsage(): ReturnType<typeof addon.waitUsage> {
    try {
      return addon.waitUsage(this.pid);
    } catch (error) {
      if (!failedWith(error, 'ECHILD')) throw error;
      return null;
    }
  }

  /** Whether the process has ended. */
  get hasEnded(): boolean {
    return this.pidfd < 0;
  }

  /**
   * Sends a signal to this process alone.
   * @throws RuntimeError NOT_RUNNING, INVALID_SIGNAL
   */
  kill(signal: NodeJS.Signals | number = 'SIGTERM'): void {
    const number = signalNumber(signal);
    try {
      if (this.pidfd >= 0) {
        addon.pidfdSendSignal(this.pidfd, number);
        return;
      }
    } catch (error) {
      if (!failedWith(error, 'ESRCH')) throw error;
    }
    throw new RuntimeError('NOT_RUNNING', `process ${this.pid} has ended`);
  }

  /** Waits for the end. @throws the signal's reason; the process goes on then */
  wait({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Ending> {
    return awaited(unlessAborted(this.ended, signal));
  }

  /** Kills the process, if it has not ended, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await awaited(this.ended);
  }

  /** Kills the process, if it has not ended. */
  destroy(): void {
    if (this.hasEnded) return;
    try {
      this.kill(SIGKILL);
    } catch (error) {
      if (!(error instanceof RuntimeError && error.code === 'NOT_RUNNING')) throw error;
    }
  }
}
