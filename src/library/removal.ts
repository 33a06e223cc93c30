import { addon } from '../native/addon.ts';
import type { Calls } from './calls.ts';
import type { Target } from './operations.ts';

/**
 * The removal of a container that is still being made, and whose directory is known from some moment on.
 * Its descriptor says which container is meant: closed too early, its number would be another's by the time that a thread looks at it.
 */
export class Removal {
  private readonly calls: Calls;
  /** Its directory is -1 until it is known. */
  readonly target: Target & { directory: number };
  private readonly underWay = new Set<Promise<void>>();

  constructor(calls: Calls, id: string) {
    this.calls = calls;
    this.target = { id, directory: -1 };
  }

  /** Removes what is there by now. @throws RuntimeError */
  async begin(): Promise<void> {
    if (this.target.directory < 0) return;
    const removing = this.calls.do('remove', { ...this.target, force: true });
    this.underWay.add(removing);
    await removing;
  }

  /** Closes the directory, once nobody uses it any more. */
  async close(): Promise<void> {
    await Promise.allSettled(this.underWay);
    if (this.target.directory >= 0) addon.close(this.target.directory);
  }
}
