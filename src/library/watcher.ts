import { SHARE_ENV, Worker, type WorkerOptions } from 'node:worker_threads';
import { addon } from '../native/addon.ts';
import type { Becoming, Watch, Watched } from './watch-worker.ts';

/** One, as an eventfd takes it: eight bytes. */
const WAKE = '\u0001\0\0\0\0\0\0\0';

/** A wait for a descriptor. */
export interface Waiting {
  /** Whether it has become what was waited for; false when the wait was given up. Its descriptor may be closed then, and not before. */
  readonly ended: Promise<boolean>;
  /** Gives up. */
  readonly cancel: () => void;
}

/** Waits for descriptors that Node cannot wait for: pidfds, files of cgroups. All of them in one thread, which is there while there are some. */
class Watcher {
  private readonly pending = new Map<number, (isReady: boolean) => void>();
  private readonly control = addon.eventFd();
  private readonly worker: Worker;
  private last = 0;
  private kept = 0;

  constructor() {
    const options: WorkerOptions = { env: SHARE_ENV, execArgv: [], trackUnmanagedFds: false, workerData: { control: this.control } };
    this.worker = new Worker(new URL('./watch-worker.js', import.meta.url), options);
    this.worker.on('message', (answer: Watched) => this.hear(answer));
    // After that, which takes the reference anew.
    this.worker.unref();
    // A thread that waits in the kernel would keep the process from its end.
    process.once('exit', () => this.send({ number: -1 }));
  }

  wait(fd: number, becomes: Becoming): Waiting {
    const number = ++this.last;
    const ended = new Promise<boolean>((resolve) => {
      this.pending.set(number, resolve);
    });
    this.send({ number, fd, becomes });
    return { ended, cancel: () => this.pending.has(number) && this.send({ number }) };
  }

  /** Keeps the process alive until a promise is settled that hangs on a wait. */
  async keep<T>(promise: Promise<T>): Promise<T> {
    if (++this.kept === 1) this.worker.ref();
    try {
      return await promise;
    } finally {
      if (--this.kept === 0) this.worker.unref();
    }
  }

  private send(watch: Watch): void {
    this.worker.postMessage(watch);
    addon.writeFd(this.control, WAKE);
  }

  private hear({ number, isReady }: Watched): void {
    const settle = this.pending.get(number);
    this.pending.delete(number);
    settle?.(isReady);
  }
}

let watcher: Watcher | undefined;

const watching = (): Watcher => {
  watcher ??= new Watcher();
  return watcher;
};

/** Waits until a descriptor is readable; a pidfd is when its process has ended. The process may end meanwhile. */
export const waitReadable = (fd: number): Waiting => watching().wait(fd, 'readable');

/** Waits until a file of the kernel's that tells of changes has changed since it was read; or is gone. */
export const waitChanged = (fd: number): Waiting => watching().wait(fd, 'changed');

/** Waits until a descriptor takes something, or nobody reads what it takes. */
export const waitWritable = (fd: number): Waiting => watching().wait(fd, 'writable');

/** A promise that somebody waits for, so that the process goes on until it is settled. */
export const awaited = <T>(promise: Promise<T>): Promise<T> => watching().keep(promise);
