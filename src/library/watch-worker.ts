// The thread that waits for descriptors: in poll(2), so that no other has to.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { addon } from '../native/addon.ts';

/** What the watching thread is asked for: `number` is the caller's name for the watch. */
export interface Watch {
  readonly number: number;
  /** A descriptor that becomes readable; absent: the watch of this number ends. */
  readonly fd?: number;
  /** Whether it is a file of the kernel's that has changed when poll(2) says POLLPRI. */
  readonly changing?: boolean;
}

/** A watch has ended: its descriptor is not polled any more. */
export interface Watched {
  readonly number: number;
  /** Whether it has become readable. */
  readonly readable: boolean;
}

const { control } = workerData as { readonly control: number };
/** By their numbers: what becomes readable, and what changes. */
const watched = new Map<number, number>();
const changing = new Map<number, number>();

const tell = (answer: Watched): void => parentPort?.postMessage(answer);

/** @returns whether to go on */
function obey(): boolean {
  addon.takeEvents(control);
  for (;;) {
    const received = parentPort && receiveMessageOnPort(parentPort);
    if (!received) return true;
    const { number, fd, changing: isChanging = false } = received.message as Watch;
    if (number < 0) return false;
    if (fd !== undefined) (isChanging ? changing : watched).set(number, fd);
    else if (watched.delete(number) || changing.delete(number)) tell({ number, readable: false });
  }
}

for (let isWanted = obey(); isWanted; ) {
  const numbers = [...watched.keys(), ...changing.keys()];
  const ready = addon.pollChange([control, ...watched.values()], [...changing.values()], -1);
  for (const index of ready) {
    const number = numbers[index - 1];
    if (number === undefined) continue;
    watched.delete(number);
    changing.delete(number);
    tell({ number, readable: true });
  }
  if (ready.includes(0)) isWanted = obey();
}
