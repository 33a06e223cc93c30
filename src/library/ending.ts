import { constants } from 'node:os';
import { RuntimeError } from '../errors.ts';

/** What a process, or a container, has used. Where a number cannot be known it is absent. */
export interface Usage {
  /** Processor time in microseconds. */
  readonly userTime?: number;
  readonly systemTime?: number;
  /** Most memory in use, in bytes: of a container all of it, of a process its largest resident set. */
  readonly peakMemory?: number;
  /** Bytes read from and written to block devices. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}

/** How a process ended: one of the two is not null, unless somebody else has waited for it. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly usage: Usage;
}

const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]));

/** Real-time signals have no name in Node: "SIGRTMIN+3" would be one that its types do not know. */
export const signalName = (number: number): NodeJS.Signals => names.get(number) ?? (`SIG${number}` as NodeJS.Signals);

/**
 * Number of a signal.
 * @throws RuntimeError INVALID_SIGNAL
 */
export function signalNumber(signal: NodeJS.Signals | number): number {
  const number = typeof signal === 'number' ? signal : constants.signals[signal];
  if (Number.isInteger(number) && number >= 0 && number <= 64) return number;
  throw new RuntimeError('INVALID_SIGNAL', `unknown signal ${JSON.stringify(signal)}`);
}
