// The thread that waits for descriptors: in poll(2), so that no other has to.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { addon } from '../native/addon.ts';

/** What the watching thread is asked for: `number` is the caller's name for the watch. */
export interface Watch {
  readonly number: number;
  /** A descriptor that becomes readable; absent: the watch of this number ends. */
  readonly fd?: number;
}

/** A watch has ended: its descriptor is not polled any more. */
export interface Watched {
  readonly number: number;
  /** Whether it has become readable. */
  readonly readable: boolean;
}

const { control } = workerData as { readonly control: number };
const watched = new Map<number, number>();

const tell = (answer: Watched): void => parentPort?.postMessage(answer);

/** @returns whether to go on */
function obey(): boolean {
  addon.takeEvents(control);
  for (;;) {
    const received = parentPort && receiveMessageOnPort(parentPort);
    if (!received) return true;
    const { number, fd } = received.message as Watch;
    if (number < 0) return false;
    if (fd !== undefined) watched.set(number, fd);
    else if (watched.delete(number)) tell({ number, readable: false });
  }
}

for (let isWanted = obey(); isWanted; ) {
  const numbers = [...watched.keys()];
  const ready = addon.pollIn([control, ...watched.values()], -1);
  for (const index of ready) {
    const number = numbers[index - 1];
    if (number === undefined) continue;
    watched.delete(number);
    tell({ number, readable: true });
  }
  if (ready.includes(0)) isWanted = obey();
}
