import { readSync, writeSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import { awaited, type Waiting, waitReadable, waitWritable } from './watcher.ts';

/** A descriptor that is read and written without waiting, and waited for in the watching thread: what no engine makes a stream of. */
export class PolledDescriptor {
  private readonly fd: number;
  private readonly waits = new Set<Waiting>();
  private closing: Promise<void> | undefined;

  /** @param fd becomes this one's */
  constructor(fd: number) {
    this.fd = fd;
    addon.setNonBlocking(fd);
  }

  /** Nothing more is read or written. */
  get isClosed(): boolean {
    return this.closing !== undefined;
  }

  /** At most so many bytes; undefined when nothing is there now, null at the end. */
  read(most: number): Buffer | undefined | null {
    const buffer = Buffer.allocUnsafe(most);
    try {
      const size = readSync(this.fd, buffer, 0, most, null);
      return size > 0 ? buffer.subarray(0, size) : null;
    } catch (error) {
      if (failedWith(error, 'EAGAIN')) return undefined;
      // EIO of a terminal that nobody has open any more.
      return null;
    }
  }

  /** @returns how many bytes were taken. @throws EPIPE, EIO */
  write(bytes: Buffer): number {
    try {
      return writeSync(this.fd, bytes);
    } catch (error) {
      if (failedWith(error, 'EAGAIN')) return 0;
      throw error;
    }
  }

  /** Calls back when there is something to read, unless it is closed before. */
  whenReadable(then: () => void): void {
    this.wait(waitReadable(this.fd), () => this.isClosed || then());
  }

  /** Calls back when there is room, or when it is closed. */
  whenWritable(then: () => void): void {
    this.wait(waitWritable(this.fd), then);
  }

  private wait(waiting: Waiting, then: () => unknown): void {
    this.waits.add(waiting);
    void awaited(waiting.ended).then(() => {
      this.waits.delete(waiting);
      then();
    });
  }

  /** Nobody polls a descriptor that is closed. */
  close(): Promise<void> {
    this.closing ??= this.release();
    return this.closing;
  }

  private async release(): Promise<void> {
    const waits = [...this.waits];
    for (const waiting of waits) waiting.cancel();
    await Promise.all(waits.map(({ ended }) => ended));
    addon.close(this.fd);
  }
}

/** As much as is read for one wait, in bytes: what a pipe holds. */
const CHUNK = 64 * 1024;

/** The read end of a pipe, for Bun, whose sockets read none. */
export class PolledReader extends Readable {
  private readonly descriptor: PolledDescriptor;

  constructor(fd: number) {
    super();
    this.descriptor = new PolledDescriptor(fd);
  }

  override _read(): void {
    this.descriptor.whenReadable(() => {
      const chunk = this.descriptor.read(CHUNK);
      if (chunk === undefined) this._read();
      else this.push(chunk);
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.descriptor.close().then(() => callback(error));
  }
}

/** The write end of a pipe, for the same. */
export class PolledWriter extends Writable {
  private readonly descriptor: PolledDescriptor;

  constructor(fd: number) {
    super();
    this.descriptor = new PolledDescriptor(fd);
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.descriptor.isClosed) return void callback();
    try {
      const rest = chunk.subarray(this.descriptor.write(chunk));
      if (rest.length === 0) callback();
      else this.descriptor.whenWritable(() => this._write(rest, encoding, callback));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      callback(error);
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.descriptor.close().then(() => callback(error));
  }
}
