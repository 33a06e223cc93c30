import type { Warning } from '../plan/plan.ts';
import type { Report } from './messages.ts';
import type { OperationName, Request, Result } from './operations.ts';
import { type Pending, Pool } from './pool.ts';
import type { Settings } from './worker.ts';

/** Threads are nobody's in particular: all runtimes of a process share them. */
const pool = new Pool();

/** Of every operation. */
export interface Abortable {
  /** Gives the operation up; its promise is rejected with the signal's reason once nothing of it is left. */
  readonly signal?: AbortSignal;
}

/** How a call that has begun is given up. */
export interface Undoing<R> {
  /** Has it end sooner. */
  readonly interrupt?: () => void;
  /** Takes back what it has done all the same. */
  readonly undo?: (result: R) => Promise<unknown>;
  /** What it has done stays, and an abort that came too late is none. */
  readonly isFinal?: boolean;
}

/** The calls of one runtime. */
export class Calls {
  settings: Settings;
  private readonly warn: (warning: Warning) => void;

  constructor(settings: Settings, warn: (warning: Warning) => void) {
    this.settings = settings;
    this.warn = warn;
  }

  /** @param claimed gets the directory of the container that is being made */
  make<N extends OperationName>(operation: N, request: Request<N>, claimed?: (directory: number) => void): Pending<N> {
    const told = (report: Report): void => {
      if (report.kind === 'warning') this.warn(report.warning);
      else if (report.kind === 'claimed') claimed?.(report.directory);
    };
    return pool.call(operation, request, this.settings, told);
  }

  /**
   * Carries out an operation.
   * @throws RuntimeError; the signal's reason, once nothing of the call is left
   */
  do<N extends OperationName>(operation: N, request: Request<N>, signal?: AbortSignal, undoing?: Undoing<Result<N>>): Promise<Result<N>> {
    signal?.throwIfAborted();
    return abortable(this.make(operation, request), signal, undoing);
  }
}

/** The result of a call, unless `signal` comes first: then its reason, as soon as the call is undone. */
export async function abortable<N extends OperationName>(
  pending: Pending<N>,
  signal: AbortSignal | undefined,
  { interrupt, undo, isFinal = false }: Undoing<Result<N>> = {},
): Promise<Result<N>> {
  if (!signal) return pending.result;
  let withdraw: (() => void) | undefined;
  const withdrawn = new Promise<never>((_, reject) => {
    withdraw = () => {
      if (pending.withdraw()) reject(signal.reason);
      else interrupt?.();
    };
  });
  signal.addEventListener('abort', withdraw as () => void, { once: true });
  try {
    const result = await Promise.race([pending.result, withdrawn]);
    if (!signal.aborted || isFinal) return result;
    await undo?.(result);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', withdraw as () => void);
  }
  throw signal.reason;
}
