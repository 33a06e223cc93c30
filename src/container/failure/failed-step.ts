import type { ErrorCode } from '../../error-codes.ts';
import type { Step } from '../../plan/plan.ts';

/** What is needed of a step to speak of its failure; also what is kept of the steps that run only at `start`. */
export type FailedStep = Pick<Step, 'title' | 'pointer' | 'action'>;

/** How a failure is told. */
export interface Description {
  readonly code: ErrorCode;
  readonly message: string;
}
