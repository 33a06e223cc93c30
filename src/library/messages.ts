import type { Warning } from '../plan/plan.ts';
import type { Failure } from './failure.ts';
import type { OperationName, Request, Result } from './operations.ts';

/** What a worker is asked for. */
export type Task = { [N in OperationName]: { readonly operation: N; readonly request: Request<N> } }[OperationName];

/** What a worker says while it works, and at the end. */
export type Report =
  | { readonly kind: 'warning'; readonly warning: Warning }
  /** The id is the container's: descriptor of its directory. */
  | { readonly kind: 'claimed'; readonly directory: number }
  | { readonly kind: 'done'; readonly result: Result<OperationName> }
  | { readonly kind: 'failed'; readonly failure: Failure };
