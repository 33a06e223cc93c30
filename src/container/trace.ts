import { addon } from '../native/addon.ts';
import type { Step } from '../plan/plan.ts';

/** One event of the Trace Event Format, complete ("X") or a moment ("i"): times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: 'X' | 'i';
  readonly ts: number;
  readonly dur?: number;
  /** How far a moment reaches. */
  readonly s?: 'g';
  readonly pid: number;
  readonly tid: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Rows of the picture, in the order in which they are drawn. */
const tracks = { runtime: 1, intermediate: 2, init: 3 } as const;
type Track = keyof typeof tracks;

/**
 * Where the time of one command goes, step by step and on both sides of the clone (--trace). The clock is CLOCK_REALTIME, the one that a
 * time namespace leaves alone.
 */
export class Trace {
  private readonly events: TraceEvent[] = [];

  /** Times an action of the runtime; one that fails is in the trace too. */
  span<T>(name: string, category: string, action: () => T, pointer?: string): T {
    const start = addon.now();
    try {
      return action();
    } finally {
      this.add('runtime', { name, category, start, duration: addon.now() - start, pointer });
    }
  }

  /** @param event times in microseconds */
  add(
    track: Track,
    event: {
      readonly name: string;
      readonly category: string;
      readonly start: number;
      readonly duration: number;
      readonly pointer?: string | undefined;
      /** Operation of a step. */
      readonly op?: string;
    },
  ): void {
    const { name, category, start, duration, pointer, op } = event;
    const args = pointer === undefined && op === undefined ? {} : { args: { op, pointer } };
    this.events.push({ name, cat: category, ph: 'X', ts: start, dur: duration, pid: addon.getpid(), tid: tracks[track], ...args });
  }

  /** The step at which the command ended, of which init does not tell any more: a moment of the whole ("i"). */
  fail(name: string, args: Readonly<Record<string, unknown>>): void {
    this.events.push({ name, cat: 'failure', ph: 'i', s: 'g', ts: addon.now(), pid: addon.getpid(), tid: tracks.runtime, args });
  }

  /** Chrome's trace JSON, which Perfetto opens. */
  json(about: Readonly<Record<string, unknown>>): string {
    const rows = Object.entries(tracks).map(([name, tid]) => ({ name: 'thread_name', ph: 'M', pid: addon.getpid(), tid, args: { name } }));
    return `${JSON.stringify({ displayTimeUnit: 'ms', otherData: about, traceEvents: [...rows, ...this.events] })}\n`;
  }
}

/** Whoever may have been asked for a trace. */
interface Traced {
  readonly trace?: Trace;
}

/** Times an action when this call is traced. */
export function traced<T>({ trace }: Traced, name: string, category: string, action: () => T, pointer?: string): T {
  return trace === undefined ? action() : trace.span(name, category, action, pointer);
}

/** Takes what init reports of a step. */
export const reportStep =
  ({ trace }: Traced) =>
  ({ title, chapter, stage, pointer, action: { op } }: Step, start: number, duration: number): void =>
    trace?.add(stage === 'init' ? 'init' : 'intermediate', { name: title, category: chapter, start, duration, pointer, op });
