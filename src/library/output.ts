import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { addon } from '../native/addon.ts';
import { PolledReader } from './polled.ts';

/**
 * What a process writes, read as fast as it is taken and no faster. It ends with the process: all that was written before is there, and what
 * others that have the pipe open write later has no reader (SIGPIPE).
 */
export class Output extends Readable {
  /** Bytes so far. */
  count = 0;
  private readonly fd: number;
  private readonly source: Readable;

  /** @param fd read end of a pipe, which becomes this stream's */
  constructor(fd: number) {
    super();
    this.fd = fd;
    this.source = 'bun' in process.versions ? new PolledReader(fd) : new Socket({ fd, readable: true, writable: false });
    this.source.on('data', (chunk: Buffer) => this.accept(chunk));
    this.source.on('end', () => this.finish());
    this.source.on('error', (error) => this.destroy(error));
    this.source.pause();
  }

  private accept(chunk: Buffer): void {
    this.count += chunk.length;
    this.emit('bytes', chunk.length);
    if (!this.push(chunk)) this.source.pause();
  }

  private finish(): void {
    if (!this.readableEnded && !this.destroyed && !this.isFinished) this.push(null);
    this.isFinished = true;
  }

  private isFinished = false;

  /** The process has ended. What is in the pipe now is the last that is read of it, which others who fill it cannot prolong. */
  close(): void {
    if (this.isFinished || this.destroyed) return;
    this.source.pause();
    // Its listener is told of what it has read already.
    while (this.source.read() !== null);
    this.takeWaiting();
    this.finish();
    this.source.destroy();
  }

  private takeWaiting(): void {
    let rest = addon.waitingBytes(this.fd);
    while (rest > 0) {
      const buffer = Buffer.allocUnsafe(rest);
      const size = readSync(this.fd, buffer, 0, rest, null);
      if (size === 0) return;
      this.accept(buffer.subarray(0, size));
      rest -= size;
    }
  }

  override _read(): void {
    if (!this.isFinished) this.source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.source.destroy();
    callback(error);
  }
}
