// Loaded when --strict or RUNTS_STRICT ask for it.
import type { Warning } from '../plan/plan.ts';
import type { Log } from './log.ts';

/** What is told of something that has already happened: there is nothing left to refuse, and whoever tells it is cleaning up. */
const afterwards: readonly Warning['code'][] = [
  'CGROUP_SHARED',
  'CLEANUP_FAILED',
  'INIT_WARNING',
  'INTERNAL',
  'LABEL_NOT_SAVED',
  'NOTIFY_FAILED',
  'OOM_KILLED',
  'OWNERS_UNKNOWN',
  'POSTSTOP_FAILED',
  'ROLL_BACK_FAILED',
  'STATE_DAMAGED',
  'STATE_VERSION',
];

/** A warning that has become the error of the command; its code is that of the warning. */
export class StrictError extends Error {
  override readonly name = 'StrictError';
  readonly details: Omit<Warning, 'message'>;

  constructor({ message, hint, ...details }: Warning) {
    super(message);
    const why = 'a warning without --strict';
    this.details = { ...details, hint: hint === undefined ? why : `${hint} (${why})` };
  }
}

/** Warnings as errors. */
export class Strictness {
  private told = 0;
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  /**
   * Refuses, as long as nothing has been made; else tells it as an error, which the exit status has.
   * @throws StrictError
   */
  readonly warn = (warning: Warning): void => {
    if (!afterwards.includes(warning.code) && !/^E[A-Z0-9]+$/.test(warning.code)) throw new StrictError(warning);
    this.told++;
    const { message, ...details } = warning;
    this.log.error(message, details);
  };

  /** The exit status of a command that has ended with another one. */
  status(own: number): number {
    return own === 0 && this.told > 0 ? 1 : own;
  }
}
