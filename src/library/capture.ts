import { pipeline } from 'node:stream';
import { RuntimeError } from '../errors.ts';
import type { Ending, Usage } from './ending.ts';
import type { ChildProcess } from './process.ts';
import type { StdioOptions } from './stdio.ts';
import { awaited } from './watcher.ts';

/** Why a process is not there any more. */
export type Reason =
  /** It has ended by itself, with whatever status. */
  | 'exit'
  /** Somebody has killed it by a signal. */
  | 'signal'
  /** It took longer than `timeout`. */
  | 'timeout'
  /** The kernel has killed it for want of memory. */
  | 'memory'
  /** It has failed after the limit on processes had refused it one. */
  | 'pids'
  /** It has written more than `maxOutput`. */
  | 'output';

/** What a process is given, and how much it may take. */
export interface CaptureOptions {
  /** What it reads from standard input; absent: nothing. */
  readonly input?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** Milliseconds until it is killed; absent: it is not. */
  readonly timeout?: number;
  /** Most bytes of standard output and error together, beyond which it is killed; 16 MiB when absent. */
  readonly maxOutput?: number;
  /** Of `stdout` and `stderr`; 'buffer' for bytes, else text: 'utf8' when absent. */
  readonly encoding?: BufferEncoding | 'buffer';
  /** Has the process killed, and the promise rejected with its reason. */
  readonly signal?: AbortSignal;
}

/** What came of a process. It says nothing of how it went: no status is an error. */
export interface Result<Text = string> {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason: Reason;
  /** Whether the kernel has killed a process of its container for want of memory meanwhile. */
  readonly oomKilled: boolean;
  readonly stdout: Text;
  readonly stderr: Text;
  readonly usage: Usage;
}

/** The text of an encoding. */
export type TextOf<E> = E extends 'buffer' ? Buffer : string;

const MOST_OUTPUT = 16 * 1024 * 1024;
/** Longest time of a timer, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** What was captured of a process. */
export interface Captured {
  readonly ending: Ending;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Why it was killed here. */
  readonly stopped?: 'timeout' | 'output';
}

/** @throws RuntimeError INVALID_VALUE */
export function checkCapture({ timeout, maxOutput, encoding }: CaptureOptions): void {
  const isCount = (value: number): boolean => value === Number.POSITIVE_INFINITY || (value >= 0 && value <= Number.MAX_SAFE_INTEGER);
  if (timeout !== undefined && !(timeout > 0 && timeout <= LONGEST)) throw invalid('timeout', timeout);
  if (maxOutput !== undefined && !isCount(maxOutput)) throw invalid('maxOutput', maxOutput);
  if (encoding !== undefined && encoding !== 'buffer' && !Buffer.isEncoding(encoding)) throw invalid('encoding', encoding);
}

/** What a process is given whose output is kept: on a terminal that is one stream. */
export const capturedStdio = ({ input, terminal }: CaptureOptions & { readonly terminal?: object }): { readonly stdio?: StdioOptions } =>
  terminal ? {} : { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] };

const invalid = (name: string, value: unknown): RuntimeError =>
  new RuntimeError('INVALID_VALUE', `invalid ${name}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`);

/** Collects what a process writes until it ends, and kills it for what it must not. */
export class Capture {
  private readonly process: ChildProcess;
  private readonly kill: () => void;
  private readonly options: CaptureOptions;
  private readonly chunks: readonly [Buffer[], Buffer[]] = [[], []];
  private room: number;
  private stopped: Captured['stopped'];
  private timer: NodeJS.Timeout | undefined;

  /** @param kill ends the process and what it has started, as far as that may be */
  constructor(process: ChildProcess, options: CaptureOptions, kill: () => void = () => process.destroy()) {
    this.process = process;
    this.kill = kill;
    this.options = options;
    this.room = options.maxOutput ?? MOST_OUTPUT;
    process.stdout?.on('data', (chunk: Buffer) => this.take(0, chunk));
    process.stderr?.on('data', (chunk: Buffer) => this.take(1, chunk));
    // A reader may be gone.
    for (const stream of [process.stdin, process.stdout, process.stderr]) stream?.on('error', () => {});
  }

  /** The program runs from now on. */
  begin(): void {
    const { timeout, input, signal } = this.options;
    if (timeout !== undefined && !this.process.hasEnded) this.timer = setTimeout(() => this.stop('timeout'), timeout);
    signal?.addEventListener('abort', this.kill, { once: true });
    const { stdin } = this.process;
    if (!stdin) return;
    if (input === undefined || typeof input === 'string' || input instanceof Uint8Array) stdin.end(input);
    else pipeline(input, stdin, () => {});
  }

  private take(stream: 0 | 1, chunk: Buffer): void {
    const fitting = chunk.subarray(0, Math.min(chunk.length, this.room));
    this.room -= fitting.length;
    if (fitting.length > 0) this.chunks[stream].push(fitting);
    if (fitting.length < chunk.length) this.stop('output');
  }

  private stop(why: 'timeout' | 'output'): void {
    this.stopped ??= why;
    this.kill();
  }

  /** @throws the signal's reason; the process is gone then as well */
  async end(): Promise<Captured> {
    const { signal } = this.options;
    const { stdout, stderr } = this.process;
    const ending = await awaited(this.process.ended);
    clearTimeout(this.timer);
    signal?.removeEventListener('abort', this.kill);
    for (const stream of [stdout, stderr]) if (stream && !stream.readableEnded && !stream.destroyed) await once(stream);
    signal?.throwIfAborted();
    const [output, errors] = this.chunks.map((chunks) => Buffer.concat(chunks));
    return {
      ending,
      stdout: output as Buffer,
      stderr: errors as Buffer,
      ...(this.stopped === undefined ? {} : { stopped: this.stopped }),
    };
  }
}

const once = (stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.once('end', () => resolve());
  });

/** Limits that a container has met, before and after. */
interface Met {
  readonly oomKills: number;
  readonly refusedForks: number;
}

/** What was captured, in the words of a result. */
export function resultOf<E>({ ending, stdout, stderr, stopped }: Captured, met: Met, usage: Usage, encoding: E): Result<TextOf<E>> {
  const { exitCode, signal } = ending;
  const text = (bytes: Buffer): TextOf<E> =>
    (encoding === 'buffer' ? bytes : bytes.toString((encoding as BufferEncoding | undefined) ?? 'utf8')) as TextOf<E>;
  const oomKilled = met.oomKills > 0;
  const died = oomKilled && (signal === 'SIGKILL' || exitCode === 137) ? 'memory' : undefined;
  const refused = met.refusedForks > 0 && exitCode !== 0 ? 'pids' : undefined;
  const reason = stopped ?? died ?? refused ?? (signal === null ? 'exit' : 'signal');
  return { exitCode, signal, reason, oomKilled, stdout: text(stdout), stderr: text(stderr), usage };
}
