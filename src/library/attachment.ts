import type { Readable, Writable } from 'node:stream';
import type { Stdio } from '../container/init/created.ts';
import { Output } from './output.ts';
import { sinkOf } from './process.ts';

/**
 * The standard streams of a container that keeps them, for one at a time. They end with its process; when they are given up, or with whoever has them, it goes
 * on, and what it writes waits for the next one.
 */
export class Attachment {
  /** Its end tells the process nothing, which may get input from the next one. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;

  /** @internal @param ended of its process */
  constructor([input, output, errors]: Stdio, ended: Promise<unknown>) {
    const outputs = [new Output(output), new Output(errors)] as const;
    this.stdin = sinkOf(input);
    [this.stdout, this.stderr] = outputs;
    void ended.then(() => {
      this.stdin.destroy();
      for (const stream of outputs) stream.close();
    });
  }

  /** Gives the streams up. What was read by then, and not taken, is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    const streams = [this.stdin, this.stdout, this.stderr];
    await Promise.all(streams.map((stream) => stream.closed || new Promise((resolve) => stream.once('close', resolve).destroy())));
  }
}
