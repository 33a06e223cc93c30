import { readSync, writeSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { awaited, type Waiting, waitReadable, waitWritable } from './watcher.ts';

/** How many characters a terminal shows. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** winsize of ioctl_tty(2) has 16 bits for each. */
const MOST = 65_535;
/** As much as the kernel hands out at a time, in bytes. */
const CHUNK = 4096;
/** Chunks that are read for one wait, so that others have their turn. */
const TURNS = 16;
/** More than a terminal of Linux ever holds, in bytes: what one that has ended is asked for at the most. */
const MOST_WAITING = 128 * 1024;
const NEWLINE = 10;

/** @throws RuntimeError INVALID_VALUE */
export function checkSize({ columns, rows }: TerminalSize): void {
  const isCount = (value: number): boolean => Number.isInteger(value) && value > 0 && value <= MOST;
  if (isCount(columns) && isCount(rows)) return;
  throw new RuntimeError('INVALID_VALUE', `invalid size of a terminal: ${columns} columns, ${rows} rows`);
}

const isBusy = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';

/**
 * The terminal of a process, of which this is the end with the keyboard and the screen: what is written to it is typed, what is read from it was printed.
 * Its end types the character for that (^D, unless the program has changed it). It ends with its process, as {@link Output} does; destroyed before that, it
 * hangs up (SIGHUP).
 */
export class Terminal extends Duplex {
  private readonly fd: number;
  private readonly waits = new Set<Waiting>();
  private isReading = false;
  /** Nothing more can be read of it. */
  private isAtEnd = false;
  private isOver = false;
  /** The last byte that was typed. */
  private last = NEWLINE;
  private hungUp: Promise<void> | undefined;

  /** @internal @param fd master, which becomes this stream's */
  constructor(fd: number) {
    // When nobody has it open any more, its process may go on: it must not hang up.
    super({ autoDestroy: false });
    this.fd = fd;
    addon.setNonBlocking(fd);
  }

  /** The program is told by SIGWINCH. @throws RuntimeError INVALID_VALUE; NOT_RUNNING when its process has ended */
  resize(size: TerminalSize): void {
    checkSize(size);
    if (this.isOver) throw new RuntimeError('NOT_RUNNING', 'the process of this terminal has ended');
    addon.setWindowSize(this.fd, size.columns, size.rows);
  }

  override _read(): void {
    if (this.isReading || this.isAtEnd || this.isOver) return;
    this.isReading = true;
    this.wait(waitReadable(this.fd), (isReadable) => {
      this.isReading = false;
      if (!isReadable || this.isOver) return;
      const taken = this.takeWaiting(CHUNK * TURNS);
      if (taken.length > 0) this.push(taken);
      if (this.isAtEnd) this.push(null);
      else if (taken.length === 0) this._read();
    });
  }

  /** What is there, `most` bytes or a little more; its end is noted. */
  private takeWaiting(most: number): Buffer {
    const chunks: Buffer[] = [];
    for (let count = 0; count < most; ) {
      const chunk = this.takeChunk();
      if (!chunk) break;
      count += chunk.length;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  private takeChunk(): Buffer | undefined {
    const buffer = Buffer.allocUnsafe(CHUNK);
    try {
      const size = readSync(this.fd, buffer, 0, CHUNK, null);
      if (size > 0) return buffer.subarray(0, size);
    } catch (error) {
      if (isBusy(error)) return undefined;
    }
    // EIO: nobody has it open any more.
    this.isAtEnd = true;
    return undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const rest = this.isOver ? undefined : this.type(chunk);
    if (rest) this.wait(waitWritable(this.fd), () => this._write(rest, 'latin1', callback));
    else callback();
  }

  /** @returns what the terminal has no room for now */
  private type(chunk: Buffer): Buffer | undefined {
    if (chunk.length === 0) return undefined;
    let size = 0;
    try {
      size = writeSync(this.fd, chunk);
    } catch (error) {
      // What is typed for nobody is lost, and no error.
      if (!isBusy(error)) return undefined;
    }
    if (size > 0) this.last = chunk[size - 1] ?? NEWLINE;
    return size === chunk.length ? undefined : chunk.subarray(size);
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.isOver) callback();
    else this._write(Buffer.from(addon.endOfInput(this.fd, this.last !== NEWLINE), 'latin1'), 'latin1', callback);
  }

  private wait(waiting: Waiting, then: (isReady: boolean) => void): void {
    this.waits.add(waiting);
    void awaited(waiting.ended).then((isReady) => {
      this.waits.delete(waiting);
      then(isReady);
    });
  }

  /** @internal The process has ended. What it has printed by now is the last of it, which others who print on cannot prolong. */
  close(): void {
    if (this.isOver) return;
    const wasAtEnd = this.isAtEnd;
    const rest = wasAtEnd ? Buffer.alloc(0) : this.takeWaiting(MOST_WAITING);
    void this.hangUp();
    if (this.destroyed) return;
    if (rest.length > 0) this.push(rest);
    if (!wasAtEnd) this.push(null);
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  /** Nobody polls a descriptor that is closed. */
  private hangUp(): Promise<void> {
    this.isOver = true;
    this.hungUp ??= this.release();
    return this.hungUp;
  }

  private async release(): Promise<void> {
    const waits = [...this.waits];
    for (const waiting of waits) waiting.cancel();
    await Promise.all(waits.map(({ ended }) => ended));
    addon.close(this.fd);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.hangUp().then(() => callback(error));
  }
}
