import { Duplex } from 'node:stream';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { PolledDescriptor } from './polled.ts';

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

/**
 * The terminal of a process, of which this is the end with the keyboard and the screen: what is written to it is typed, what is read from it was printed.
 * Its end types the character for that (^D, unless the program has changed it). It ends with its process, as other streams do; destroyed before that, it
 * hangs up (SIGHUP).
 */
export class Terminal extends Duplex {
  private readonly master: PolledDescriptor;
  private readonly fd: number;
  private isReading = false;
  /** Nothing more can be read of it. */
  private isAtEnd = false;
  /** The last byte that was typed. */
  private last = NEWLINE;

  /** @internal @param fd master, which becomes this stream's */
  constructor(fd: number) {
    // When nobody has it open any more, its process may go on: it must not hang up.
    super({ autoDestroy: false });
    this.fd = fd;
    this.master = new PolledDescriptor(fd);
  }

  /** The program is told by SIGWINCH. @throws RuntimeError INVALID_VALUE; NOT_RUNNING when its process has ended */
  resize(size: TerminalSize): void {
    checkSize(size);
    if (this.master.isClosed) throw new RuntimeError('NOT_RUNNING', 'the process of this terminal has ended');
    addon.setWindowSize(this.fd, size.columns, size.rows);
  }

  /** @internal */
  override _read(): void {
    if (this.isReading || this.isAtEnd || this.master.isClosed) return;
    this.isReading = true;
    this.master.whenReadable(() => {
      this.isReading = false;
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
      const chunk = this.master.read(CHUNK);
      this.isAtEnd = chunk === null;
      if (!chunk) break;
      count += chunk.length;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** @internal */
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const rest = this.master.isClosed ? undefined : this.type(chunk);
    if (rest) this.master.whenWritable(() => this._write(rest, 'latin1', callback));
    else callback();
  }

  /** @returns what the terminal has no room for now */
  private type(chunk: Buffer): Buffer | undefined {
    if (chunk.length === 0) return undefined;
    try {
      const size = this.master.write(chunk);
      if (size > 0) this.last = chunk[size - 1] ?? NEWLINE;
      return size === chunk.length ? undefined : chunk.subarray(size);
    } catch {
      // What is typed for nobody is lost, and no error.
      return undefined;
    }
  }

  /** @internal */
  override _final(callback: (error?: Error | null) => void): void {
    if (this.master.isClosed) callback();
    else this._write(Buffer.from(addon.endOfInput(this.fd, this.last !== NEWLINE), 'latin1'), 'latin1', callback);
  }

  /** @internal The process has ended. What it has printed by now is the last of it, which others who print on cannot prolong. */
  close(): void {
    if (this.master.isClosed) return;
    const wasAtEnd = this.isAtEnd;
    const rest = wasAtEnd ? Buffer.alloc(0) : this.takeWaiting(MOST_WAITING);
    void this.master.close();
    if (this.destroyed) return;
    if (rest.length > 0) this.push(rest);
    if (!wasAtEnd) this.push(null);
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  /** @internal */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.master.close().then(() => callback(error));
  }
}
