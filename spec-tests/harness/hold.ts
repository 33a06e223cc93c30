import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from './box.ts';
import { type Running, until } from './command.ts';

/** A directory in which looking for "held" never ends, not even by SIGKILL; any other name is absent, once somebody is held (hold.py). */
export class Hold {
  readonly directory: string;
  private readonly server: Running;
  private released = false;

  private constructor(directory: string, server: Running) {
    this.directory = directory;
    this.server = server;
  }

  static async mounted(box: Box): Promise<Hold> {
    const directory = join(box.directory, 'hold');
    mkdirSync(directory);
    const hold = new Hold(directory, box.background(['/usr/bin/python3', join(import.meta.dirname, 'hold.py'), directory]));
    await until('the filesystem is mounted', () => hold.server.output().includes('mounted'));
    return hold;
  }

  /** Waits until a process sleeps in it. */
  async holds(): Promise<void> {
    await until('a process is held', () => /^held$/m.test(this.server.output()));
  }

  /** Lets every process go and unmounts; may be repeated. */
  async release(): Promise<void> {
    if (!this.released) process.kill(this.server.pid, 'SIGTERM');
    this.released = true;
    await this.server.exited;
  }
}
