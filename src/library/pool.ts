// The threads that operations run in: each waits for the kernel, and the caller's event loop does not.
import { availableParallelism } from 'node:os';
import { SHARE_ENV, Worker, type WorkerOptions } from 'node:worker_threads';
import { RuntimeError } from '../errors.ts';
import { errorOf } from './failure.ts';
import type { Report, Task } from './messages.ts';
import type { OperationName, Request, Result } from './operations.ts';
import type { Settings } from './worker.ts';

/**
 * How long none of the threads has to end a call until another one is started for those that wait, in milliseconds: they are blocked then, as by hooks,
 * and not merely busy, which more of them would make worse.
 */
const PATIENCE_MS = 200;
/** So many threads stay once they were needed. */
const KEPT = 8;
/** The most threads: so many operations may wait for hooks at once. */
const MOST = 64;

/** Of a thread, for what lives no longer than a call: the engine would take eight times as much, and twice that to copy it. */
const YOUNG_MB = 6;

/** What is told of a call while it runs. */
export interface Listener {
  /** Neither `done` nor `failed`. */
  readonly told: (report: Report) => void;
}

interface Call extends Listener {
  readonly task: Task;
  readonly settings: Settings;
  readonly done: (result: Result<OperationName>) => void;
  readonly failed: (error: unknown) => void;
}

/** A call under way. */
export interface Pending<N extends OperationName> {
  readonly result: Promise<Result<N>>;
  /** Resolved when no thread works on it any more, or ever will. */
  readonly over: Promise<void>;
  /** Takes it back before it has begun. @returns whether it could; then `result` is never settled */
  readonly withdraw: () => boolean;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Promise.withResolvers, which Node 20 lacks. */
function deferred<T>(): Deferred<T> {
  let settle: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as Omit<Deferred<T>, 'promise'>) };
}

export class Pool {
  private readonly idle: Seat[] = [];
  private readonly waiting: Call[] = [];
  /** One processor is the caller's: his event loop would have to wait for it. */
  private readonly usual = Math.min(4, Math.max(1, availableParallelism() - 1));
  private count = 0;
  private impatience: NodeJS.Timeout | undefined;

  call<N extends OperationName>(operation: N, request: Request<N>, settings: Settings, told: Listener['told']): Pending<N> {
    const { promise: over, resolve: finish } = deferred<void>();
    const { promise: result, resolve, reject } = deferred<Result<N>>();
    const done = resolve as (result: Result<OperationName>) => void;
    const call: Call = { task: { operation, request } as unknown as Task, settings, told, done, failed: reject };
    void result.then(
      () => finish(),
      () => finish(),
    );
    this.waiting.push(call);
    this.dispatch();
    const withdraw = (): boolean => {
      const place = this.waiting.indexOf(call);
      if (place < 0) return false;
      this.waiting.splice(place, 1);
      finish();
      return true;
    };
    return { result, over, withdraw };
  }

  /** Gives waiting calls to threads, of which there are more than usual only when those are busy for long. */
  private dispatch(): void {
    while (this.waiting.length > 0) {
      const seat = this.idle.pop() ?? (this.count < this.usual ? this.add() : undefined);
      if (!seat) break;
      seat.take(this.waiting.shift() as Call);
    }
    if (this.waiting.length > 0 && this.count < MOST) this.impatience ??= setTimeout(() => this.grow(), PATIENCE_MS);
  }

  private grow(): void {
    this.impatience = undefined;
    const call = this.waiting.shift();
    if (!call) return;
    (this.idle.pop() ?? this.add()).take(call);
    this.dispatch();
  }

  /** A call has ended. */
  private restart(): void {
    clearTimeout(this.impatience);
    this.impatience = undefined;
  }

  private add(): Seat {
    this.count++;
    return new Seat({
      free: (seat) => {
        this.restart();
        if (this.waiting.length === 0 && this.count > KEPT) seat.close();
        else this.idle.push(seat);
        this.dispatch();
      },
      gone: (seat) => {
        this.count--;
        const place = this.idle.indexOf(seat);
        if (place >= 0) this.idle.splice(place, 1);
        this.dispatch();
      },
    });
  }
}

interface Owner {
  readonly free: (seat: Seat) => void;
  readonly gone: (seat: Seat) => void;
}

/** A thread and what it does. It keeps the process alive only while it does something. */
class Seat {
  private readonly worker: Worker;
  private readonly owner: Owner;
  private call: Call | undefined;
  private failure: unknown;

  constructor(owner: Owner) {
    this.owner = owner;
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB };
    const options: WorkerOptions = { env: SHARE_ENV, execArgv: [], trackUnmanagedFds: false, resourceLimits };
    this.worker = new Worker(new URL('./worker.js', import.meta.url), options);
    this.worker.on('message', (report: Report) => this.hear(report));
    this.worker.on('error', (error) => {
      this.failure = error;
    });
    this.worker.on('exit', () => this.leave());
    // After the listeners, which take the reference anew.
    this.worker.unref();
  }

  take(call: Call): void {
    this.call = call;
    this.worker.ref();
    this.worker.postMessage({ task: call.task, settings: call.settings });
  }

  close(): void {
    void this.worker.terminate();
  }

  private hear(report: Report): void {
    const { call } = this;
    if (report.kind === 'warning' || report.kind === 'claimed') {
      call?.told(report);
      return;
    }
    this.call = undefined;
    this.worker.unref();
    this.owner.free(this);
    if (report.kind === 'done') call?.done(report.result);
    else call?.failed(errorOf(report.failure));
  }

  private leave(): void {
    this.owner.gone(this);
    this.call?.failed(new RuntimeError('INTERNAL', 'a thread of the library has ended', { cause: this.failure }));
    this.call = undefined;
  }
}
