import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { remove } from '../container/delete.ts';
import type { Stdio } from '../container/init/created.ts';
import type { ContainerReport } from '../container/state.ts';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import type { Features } from '../plan/features.ts';
import type { Plan, Warning } from '../plan/plan.ts';
import type { ExplainedFinding } from '../spec/explain.ts';
import { type Abortable, abortable, Calls } from './calls.ts';
import { capturedStdio, checkCapture, type Result, type TextOf } from './capture.ts';
import { type RestoreOptions, restoreRequest } from './checkpoint.ts';
import { Container } from './container.ts';
import {
  type CreateOptions,
  createRequest,
  type PlanOptions,
  planRequest,
  type RunOptions,
  type ValidateOptions,
  validateRequest,
} from './create-options.ts';
import { GuardKeeper } from './guard-keeper.ts';
import type { Created, Target } from './operations.ts';
import type { Pending } from './pool.ts';
import { ChildProcess } from './process.ts';
import { Removal } from './removal.ts';
import { StdioEnds, type StdioOptions, stdioOf } from './stdio.ts';
import type { Settings } from './worker.ts';

/** Of all containers of a {@link Runtime}. */
export interface RuntimeOptions {
  /** Directory that holds one directory for each container; made when it is missing. */
  readonly root: string;
  /** 'cgroupfs' when absent. */
  readonly cgroupDriver?: 'cgroupfs' | 'systemd' | 'disabled';
  /**
   * Whether containers go on when this process ends, in whatever way; else the kernel ends them with it, and what is left of their state goes with
   * the next runtime of this root.
   */
  readonly outlive?: boolean;
  /** Directory that keeps compiled seccomp filters, since to compile one takes longer than all else: ROOT~seccomp when absent; false: none. */
  readonly filterCache?: string | false;
  /** Told of what is odd but no error; process.emitWarning when absent. */
  readonly warn?: (warning: Warning) => void;
}

type Claimed = (directory: number) => void;
/** Has a container made, which gets these descriptors. */
type Begin = (ends: Stdio, claimed: Claimed) => Pending<'create' | 'restore'>;

const newId = (): string => `runts-${randomBytes(8).toString('hex')}`;

/** An abort removes what is being made while it is made: a hook may hang. */
function undoable(begin: (claimed: Claimed) => ReturnType<Begin>, signal: AbortSignal | undefined, removal: Removal): Promise<Created> {
  const interrupt = (): void => void removal.begin().catch(() => {});
  const pending = begin((directory) => {
    removal.target.directory = directory;
    if (signal?.aborted) interrupt();
  });
  const undo = async (created: Created): Promise<void> => {
    for (const fd of created.streams) if (fd >= 0) addon.close(fd);
    const child = new ChildProcess(created);
    await removal.begin();
    await child.ended;
  };
  return abortable(pending, signal, { interrupt, undo });
}

/** Those that are not closed. */
const open = new Set<Runtime>();
process.once('exit', () => {
  for (const runtime of open) runtime.closeNow();
});

const emitWarning = ({ code, message }: Warning): void => process.emitWarning(message, { type: 'RuntsWarning', code });

/**
 * Containers of one directory. There may be several runtimes, also of one directory and in several processes.
 * Nothing blocks the caller's event loop: what waits for the kernel does so in other threads.
 */
export class Runtime {
  readonly root: string;
  private readonly calls: Calls;
  private readonly guard: GuardKeeper | undefined;
  private readonly made = new Set<Container>();
  private readonly found = new Set<Container>();
  private readonly creating = new Set<Promise<Container>>();
  /** Containers that are being made; of some the directory is known. */
  private readonly making = new Set<Target>();
  private readonly swept: Promise<unknown>;
  private isClosed = false;

  /** @throws RuntimeError INVALID_ROOT */
  constructor({ root, cgroupDriver = 'cgroupfs', outlive = false, filterCache, warn = emitWarning }: RuntimeOptions) {
    if (typeof root !== 'string' || root === '') throw new RuntimeError('INVALID_ROOT', 'a runtime needs a root directory');
    this.root = resolve(root);
    const cache = filterCache === false ? {} : { filterCache: resolve(filterCache ?? `${this.root}~seccomp`) };
    const settings: Settings = { root: this.root, cgroupDriver, ...cache };
    this.calls = new Calls(settings, warn);
    this.guard = outlive ? undefined : new GuardKeeper(this.calls);
    open.add(this);
    this.swept = this.calls.do('sweep', {}).catch((error: Error) => warn({ code: 'CLEANUP_FAILED', message: error.message }));
  }

  /**
   * Makes a container, which waits for its `start`.
   * @throws RuntimeError; then nothing of it is left
   */
  async create({ id = newId(), stdio, signal, ...options }: CreateOptions): Promise<Container> {
    const request = createRequest(this.root, id, { stdio, ...options } as CreateOptions);
    return this.make(id, stdioOf({ stdio, terminal: options.terminal }, 'ignore'), signal, (ends, claimed) =>
      this.calls.make('create', { ...request, stdio: ends }, claimed),
    );
  }

  /**
   * Makes a container from the images of a checkpoint, under any id, whose program goes on. None that is restored can end with its parent.
   * @throws RuntimeError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED, CRIU_MISSING, CRIU_UNSUPPORTED, CRIU_FAILED; then nothing of it is left;
   *   GUARD_USELESS unless the runtime's containers outlive it
   */
  async restore({ id = newId(), stdio, signal, ...options }: RestoreOptions): Promise<Container> {
    const request = restoreRequest(this.root, id, options);
    if (this.guard)
      throw new RuntimeError('GUARD_USELESS', 'a restored container cannot be made to end with its parent', {
        hint: 'restore it by a runtime with `outlive: true`',
      });
    return this.make(id, stdio ?? 'ignore', signal, (ends, claimed) => this.calls.make('restore', { ...request, stdio: ends }, claimed));
  }

  private async make(id: string, stdio: StdioOptions, signal: AbortSignal | undefined, begin: Begin): Promise<Container> {
    signal?.throwIfAborted();
    if (this.isClosed) throw new RuntimeError('RUNTIME_CLOSED', 'this runtime is closed');
    const creating = this.attempt(id, stdio, signal, begin);
    this.creating.add(creating);
    try {
      return await creating;
    } finally {
      this.creating.delete(creating);
    }
  }

  private async attempt(id: string, stdio: StdioOptions, signal: AbortSignal | undefined, begin: Begin): Promise<Container> {
    await this.swept;
    await this.guard?.ready();
    const ends = new StdioEnds(stdio);
    const removal = new Removal(this.calls, id);
    const { target } = removal;
    this.making.add(target);
    try {
      const created = await undoable((claimed) => begin(ends.theirs, claimed), signal, removal);
      ends.started();
      return this.adopt(target, created, ends.ours);
    } catch (error) {
      ends.startFailed();
      await removal.close();
      throw error;
    } finally {
      this.making.delete(target);
    }
  }

  private adopt(target: Target, created: Created, ours: Stdio): Container {
    const container: Container = new Container({
      calls: this.calls,
      target,
      pid: created.pid,
      process: new ChildProcess(created, ours),
      streams: created.streams,
      gone: () => this.made.delete(container),
    });
    this.made.add(container);
    return container;
  }

  /**
   * The whole life of a container: makes it, runs its program, collects what that writes, and removes it. Whatever its status, that is no error.
   * @throws RuntimeError when it cannot be made or started; the signal's reason. Nothing of it is left in any case
   */
  async run<E extends BufferEncoding | 'buffer' = 'utf8'>(options: RunOptions & { readonly encoding?: E }): Promise<Result<TextOf<E>>> {
    checkCapture(options);
    const { input, timeout, maxOutput, encoding, ...rest } = options;
    const container = await this.create({ ...rest, ...capturedStdio(options) });
    try {
      return await container.finish(options, encoding as E);
    } finally {
      await container.delete({ force: true });
    }
  }

  /**
   * A container that somebody has made, by its id.
   * @throws RuntimeError CONTAINER_UNKNOWN
   */
  async container(id: string, { signal }: Abortable = {}): Promise<Container> {
    for (const container of this.made) if (container.id === id && container.isPresent) return container;
    const { directory, pid, pidfd } = await this.calls.do('find', { id }, signal, {
      undo: async (found) => {
        for (const fd of [found.directory, found.pidfd]) if (fd >= 0) addon.close(fd);
      },
    });
    const container: Container = new Container({
      calls: this.calls,
      target: { id, directory },
      pid,
      pidfd,
      gone: () => this.found.delete(container),
    });
    this.found.add(container);
    return container;
  }

  /** Every container of the root, by id. */
  async list({ signal }: Abortable = {}): Promise<ContainerReport[]> {
    await this.swept;
    return this.calls.do('list', {}, signal);
  }

  /** The state of a container. @throws RuntimeError CONTAINER_UNKNOWN */
  async state(id: string, options: Abortable = {}): Promise<ContainerReport> {
    return this.calls.do('stateOf', { id }, options.signal);
  }

  /** Everything that is wrong with a configuration, errors first; that there are some is no error. @throws RuntimeError CONFIG_MISSING, CONFIG_TOO_LARGE */
  async validate(options: ValidateOptions): Promise<readonly ExplainedFinding[]> {
    return this.calls.do('validate', validateRequest(options), options.signal);
  }

  /** What `create` would do on this host, step by step. Nothing is done. @throws RuntimeError as `create` would, of the configuration */
  async plan(options: PlanOptions): Promise<Plan> {
    return this.calls.do('plan', planRequest(this.root, options, this.guard !== undefined), options.signal);
  }

  /** The features document of the specification: what is built in, and not what the host allows. */
  async features({ signal }: Abortable = {}): Promise<Features> {
    return this.calls.do('features', {}, signal);
  }

  /** @internal Removes at once, and in this thread, what would outlive this process. */
  closeNow(): void {
    if (!this.guard) return;
    const context = { ...this.calls.settings, rootIsDefault: false, warn: () => {}, debug: () => {} };
    for (const { id, directory } of [
      ...[...this.making].filter(({ directory }) => directory >= 0),
      ...[...this.made].map(({ target }) => target),
    ]) {
      try {
        remove(context, id, { force: true, only: directory });
      } catch {
        // The next runtime of this root tries it again.
      }
    }
  }

  /** Removes the containers that it has made, unless they are to outlive it; then it makes no more. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.swept;
    await Promise.allSettled(this.creating);
    if (this.guard) await Promise.all([...this.made].map((container) => container.delete({ force: true })));
    await Promise.all([...this.found].map((container) => container[Symbol.asyncDispose]()));
    await this.guard?.close();
    open.delete(this);
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
