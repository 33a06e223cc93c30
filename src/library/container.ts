import type { Readable, Writable } from 'node:stream';
import type { CgroupStats } from '../container/cgroups/stats.ts';
import type { Stdio } from '../container/init/created.ts';
import type { ContainerReport } from '../container/state.ts';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import type { LinuxResources } from '../spec/types.ts';
import { Attachment } from './attachment.ts';
import { type Abortable, abortable, type Calls, type Undoing } from './calls.ts';
import { Capture, type CaptureOptions, capturedStdio, checkCapture, type Result as ExecResult, resultOf, type TextOf } from './capture.ts';
import { type CheckpointOptions, checkpointRequest } from './checkpoint.ts';
import { type Ending, signalNumber } from './ending.ts';
import { type ContainerEvent, happenings, statistics } from './events.ts';
import { type ExecOptions, execRequest } from './exec-options.ts';
import type { Executed, OperationName, Request, Result, Target } from './operations.ts';
import { endOfStranger, type Parts } from './parts.ts';
import { ChildProcess, unlessAborted } from './process.ts';
import { StdioEnds, type StdioOptions, stdioOf } from './stdio.ts';
import type { Terminal } from './terminal.ts';
import { awaited, type Waiting, waitReadable } from './watcher.ts';

/**
 * A container, and no other that bears its name later.
 * Every operation may be called at any time, also several at once; on one that is removed each is a CONTAINER_UNKNOWN.
 */
export class Container {
  readonly id: string;
  /** Host pid of its first process; 0 when that had ended as it was looked up. */
  readonly pid: number;
  private readonly calls: Calls;
  private readonly process: ChildProcess | undefined;
  private readonly gone: Parts['gone'];
  private readonly streams: Parts['streams'];
  private readonly stranger: Waiting | undefined;
  private readonly ended: Promise<Ending>;
  private readonly underWay = new Set<Promise<void>>();
  private directory: number;
  private removal: Promise<void> | undefined;

  /** @internal */
  constructor({ calls, target, pid, process, pidfd = -1, streams, gone }: Parts) {
    this.calls = calls;
    this.id = target.id;
    this.directory = target.directory;
    this.pid = pid;
    this.process = process;
    this.gone = gone;
    this.streams = streams;
    this.stranger = pidfd < 0 ? undefined : waitReadable(pidfd);
    this.ended = process?.ended ?? endOfStranger(pidfd, this.stranger);
  }

  /** Streams of its first process, where `create` was asked for pipes. */
  get stdin(): Writable | null {
    return this.process?.stdin ?? null;
  }

  get stdout(): Readable | null {
    return this.process?.stdout ?? null;
  }

  get stderr(): Readable | null {
    return this.process?.stderr ?? null;
  }

  /** Of its first process, where that has a terminal. */
  get terminal(): Terminal | null {
    return this.process?.terminal ?? null;
  }

  /** calls.do, of which `remove` knows: the descriptor of the directory must outlast it. */
  private async call<N extends OperationName>(
    operation: N,
    request: Request<N>,
    signal?: AbortSignal,
    undoing?: Undoing<Result<N>>,
  ): Promise<Result<N>> {
    signal?.throwIfAborted();
    const pending = this.calls.make(operation, request);
    this.underWay.add(pending.over);
    void pending.over.then(() => this.underWay.delete(pending.over));
    return abortable(pending, signal, undoing);
  }

  /** @internal Whether it was not removed here. */
  get isPresent(): boolean {
    return this.directory >= 0;
  }

  /** @internal */
  get target(): Target {
    if (this.directory < 0) throw new RuntimeError('CONTAINER_UNKNOWN', `container does not exist: ${this.id}`);
    return { id: this.id, directory: this.directory };
  }

  /**
   * Runs the program of a created container.
   * @throws RuntimeError NOT_CREATED, PROCESS_MISSING; or what failed, after which the container is gone, as it is when `signal` comes
   */
  async start({ signal }: Abortable = {}): Promise<void> {
    const end = (): Promise<void> => this.delete({ force: true });
    // While hooks run, `start` may wait for long.
    await this.call('start', this.target, signal, { interrupt: () => void end().catch(() => {}), undo: end });
  }

  /** Starts a process in the container, and does not wait for it. Its streams are pipes, unless `stdio` says otherwise. */
  async spawn(args: readonly string[], options: ExecOptions & { readonly stdio?: StdioOptions } = {}): Promise<ChildProcess> {
    const { process } = await this.begin(args, options);
    return process;
  }

  private async begin(
    args: readonly string[],
    { stdio, signal, ...options }: ExecOptions & { readonly stdio?: StdioOptions },
  ): Promise<{ readonly process: ChildProcess; readonly before: Executed['before'] }> {
    signal?.throwIfAborted();
    const { target } = this;
    const ends = new StdioEnds(stdioOf({ stdio, terminal: options.terminal }, 'pipe'));
    let executed: Executed;
    try {
      const request = execRequest(this.id, args, options, ends.theirs);
      executed = await this.call('exec', { target, request }, signal, {
        undo: (started) => new ChildProcess(started)[Symbol.asyncDispose](),
      });
    } catch (error) {
      ends.startFailed();
      throw error;
    }
    ends.started();
    return { process: new ChildProcess(executed, ends.ours), before: executed.before };
  }

  /**
   * The standard streams of its first process, where it was made with `stdio: 'kept'`, by this process or another one.
   * @throws RuntimeError STREAMS_NOT_KEPT; CONTAINER_BUSY when somebody is attached
   */
  async attach({ signal }: Abortable = {}): Promise<Attachment> {
    const close = async (fds: Stdio): Promise<void> => {
      for (const fd of fds) addon.close(fd);
    };
    return new Attachment(await this.call('attach', this.target, signal, { undo: close }), this.ended);
  }

  /**
   * Runs a program in the container and waits for its end. Whatever its status, that is no error.
   * @throws RuntimeError when it cannot be started; the signal's reason, once the process is gone
   */
  async exec<E extends BufferEncoding | 'buffer' = 'utf8'>(
    args: readonly string[],
    options: ExecOptions & CaptureOptions & { readonly encoding?: E } = {},
  ): Promise<ExecResult<TextOf<E>>> {
    checkCapture(options);
    const { input, timeout, maxOutput, encoding, ...rest } = options;
    const { process, before } = await this.begin(args, { ...rest, ...capturedStdio(options) });
    const capture = new Capture(process, options);
    capture.begin();
    const captured = await capture.end();
    const after = await this.call('limits', this.target).catch(() => before);
    const met = { oomKills: after.oomKills - before.oomKills, refusedForks: after.refusedForks - before.refusedForks };
    return resultOf(captured, met, captured.ending.usage, encoding as E);
  }

  /** @internal `run`, of a container that was just made. */
  async finish<E>(options: CaptureOptions, encoding: E): Promise<ExecResult<TextOf<E>>> {
    const process = this.process as ChildProcess;
    const capture = new Capture(process, options, () => {
      process.destroy();
      // Of a paused one that is not enough.
      void this.kill('SIGKILL').catch(() => {});
    });
    await this.start(options);
    capture.begin();
    const captured = await capture.end();
    const { oomKills, refusedForks, ...usage } = await this.call('usage', this.target);
    return resultOf(captured, { oomKills, refusedForks }, { ...captured.ending.usage, ...usage }, encoding);
  }

  /** Waits for the end of its first process. @throws the signal's reason; the container goes on then */
  wait({ signal }: Abortable = {}): Promise<Ending> {
    return awaited(unlessAborted(this.ended, signal));
  }

  /**
   * Sends a signal to its first process; SIGKILL ends all of it.
   * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING, INVALID_SIGNAL
   */
  async kill(signal: NodeJS.Signals | number = 'SIGTERM', options: Abortable = {}): Promise<void> {
    const number = signalNumber(signal);
    await this.call('kill', { target: this.target, signal: number, all: false }, options.signal);
  }

  /** Stops all of its processes. @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING, FREEZE_UNSUPPORTED, FREEZE_TIMEOUT */
  async pause({ signal }: Abortable = {}): Promise<void> {
    await this.call('pause', this.target, signal, { undo: () => this.resume() });
  }

  /** Has them go on. @throws RuntimeError CONTAINER_UNKNOWN, NOT_PAUSED */
  async resume({ signal }: Abortable = {}): Promise<void> {
    await this.call('resume', this.target, signal);
  }

  /** Changes its limits; what `resources` does not name stays. */
  async update(resources: LinuxResources, { signal }: Abortable = {}): Promise<void> {
    await this.call('update', { target: this.target, resources: JSON.stringify(resources) }, signal);
  }

  /**
   * Saves it by CRIU and, unless it is to go on, ends and removes it. After an abort it goes on as it was; one that comes when all is saved is none.
   * @throws RuntimeError NOT_RUNNING, CRIU_MISSING, CRIU_UNSUPPORTED, CHECKPOINT_UNSUPPORTED, CRIU_FAILED; then it goes on as it was
   */
  async checkpoint(options: CheckpointOptions): Promise<void> {
    const { target } = this;
    const isGivenUp = new Int32Array(new SharedArrayBuffer(4));
    const interrupt = (): void => void Atomics.store(isGivenUp, 0, 1);
    const request = checkpointRequest(this.id, options);
    await this.call('checkpoint', { target, request, isGivenUp }, options.signal, { interrupt, isFinal: true });
    if (!options.leaveRunning && !options.preDump) await this.forget(target.directory);
  }

  /** What `state` of the specification tells, and when it was made. @throws RuntimeError CONTAINER_UNKNOWN */
  async state({ signal }: Abortable = {}): Promise<ContainerReport> {
    return this.call('state', this.target, signal);
  }

  /** Host pids of its processes. */
  async processes({ signal }: Abortable = {}): Promise<number[]> {
    return this.call('processes', this.target, signal);
  }

  /**
   * What it uses, now and every `interval` milliseconds (1000), until it has ended.
   * @throws RuntimeError CONTAINER_UNKNOWN; the signal's reason
   */
  stats({ interval = 1000, signal }: Abortable & { readonly interval?: number } = {}): AsyncGenerator<CgroupStats, void> {
    return statistics(async () => this.call('stats', this.target, signal), this.ended, interval, signal);
  }

  /**
   * What happens to it, until it has ended: of that the last event tells.
   * @throws RuntimeError CONTAINER_UNKNOWN; the signal's reason
   */
  events({ signal }: Abortable = {}): AsyncGenerator<ContainerEvent, void> {
    // What they open is to be closed, whatever comes of `signal`.
    // Of one that is removed neither is thrown at once.
    const ask = async () => this.call('circumstances', this.target);
    return happenings(async () => this.call('signs', this.target), ask, this.ended, signal);
  }

  /**
   * Removes a stopped or created container; with `force` one in any state, and one that is gone already is no error.
   * @throws RuntimeError CONTAINER_UNKNOWN, NOT_STOPPED
   */
  async delete({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (force && this.directory < 0) return;
    const { target } = this;
    if (this.removal && force) return this.removal;
    const removal = this.remove(target, force);
    if (force) this.removal = removal;
    await removal;
  }

  private async remove(target: Target, force: boolean): Promise<void> {
    await this.call('remove', { ...target, force });
    await this.forget(target.directory);
  }

  /** It is removed. */
  private async forget(directory: number): Promise<void> {
    // Another call of this may have come first.
    if (this.directory < 0) return;
    this.directory = -1;
    await this.release(directory);
    this.gone();
  }

  /** Closes what leads to it, once nobody uses that any more. */
  private async release(directory: number): Promise<void> {
    this.stranger?.cancel();
    await awaited(Promise.all([...this.underWay, this.ended]));
    for (const fd of this.streams ?? []) if (fd >= 0) addon.close(fd);
    // The last descriptor of a removed directory: what its filesystem does then may take a while.
    await this.calls.do('close', { fd: directory });
  }

  /** Ends and removes it, whatever its state; of one that was looked up only the hold on it is given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process) return this.delete({ force: true });
    const { directory } = this;
    this.directory = -1;
    if (directory >= 0) await this.release(directory);
    this.gone();
  }
}
