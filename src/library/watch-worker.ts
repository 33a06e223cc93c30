// The thread that waits for descriptors: in poll(2), so that no other has to.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { addon } from '../native/addon.ts';

/** What the watching thread is asked for: `number` is the caller's name for the watch. */
export interface Watch {
  readonly number: number;
  /** A descriptor; absent: the watch of this number ends. */
  readonly fd?: number;
  /** What it becomes: 'changed' is for files of the kernel's of which poll(2) says POLLPRI. */
  readonly becomes?: Becoming;
}

export type Becoming = 'readable' | 'changed' | 'writable';

/** A watch has ended: its descriptor is not polled any more. */
export interface Watched {
  readonly number: number;
  /** Whether it has become that. */
  readonly isReady: boolean;
}

const { control } = workerData as { readonly control: number };
/** Descriptors by the numbers of their watches. */
const watched: Readonly<Record<Becoming, Map<number, number>>> = { readable: new Map(), changed: new Map(), writable: new Map() };

const forget = (number: number): boolean => Object.values(watched).some((watches) => watches.delete(number));

const tell = (answer: Watched): void => parentPort?.postMessage(answer);

/** @returns whether to go on */
function obey(): boolean {
  addon.takeEvents(control);
  for (;;) {
    const received = parentPort && receiveMessageOnPort(parentPort);
    if (!received) return true;
    const { number, fd, becomes = 'readable' } = received.message as Watch;
    if (number < 0) return false;
    if (fd !== undefined) watched[becomes].set(number, fd);
    else if (forget(number)) tell({ number, isReady: false });
  }
}

for (let isWanted = obey(); isWanted; ) {
  const { readable, changed, writable } = watched;
  const numbers = [readable, changed, writable].flatMap((watches) => [...watches.keys()]);
  const ready = addon.pollChange([control, ...readable.values()], [...changed.values()], -1, [...writable.values()]);
  for (const index of ready) {
    const number = numbers[index - 1];
    if (number === undefined) continue;
    forget(number);
    tell({ number, isReady: true });
  }
  if (ready.includes(0)) isWanted = obey();
}
