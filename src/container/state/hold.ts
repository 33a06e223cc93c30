/**
 * The life of a container's directory, ROOT/ID: who may touch it, and when.
 *
 * A name is no identity. While one command works on the container "a", others may delete it and make another "a". So a command that
 * changes a container holds its directory open, and what it works on is that directory: no other can be taken for it meanwhile, because
 * its inode is in use. Each step that changes something (the record, the exec fifo, cgroups, mounts, the directory itself) takes the lock,
 * which is a lock of the held directory, and then asks whether the name still leads there: a lock of a directory that has been removed is
 * none. Who finds that it does not leaves alone whatever bears the name; who removed the container has seen to all the record spoke of.
 * Processes are known by a pidfd, or by pid and start time, and need no lock.
 *
 *     command                 under the lock                                  without it
 *     create                  claim … cgroups made, pid in the record         mounts, hooks: until init is ready
 *                             the record says created
 *     start                   asks for the status, takes the exec fifo        waits for init, its startContainer hooks
 *                             (init goes on)                                  poststart hooks
 *     run                     as create and start, with no gap in between     waits for the program
 *                             removes the container or notes how it ended     poststop hooks
 *     delete                  kills init and a hook, removes                  poststop hooks
 *     pause, resume, update   all of it
 *     state, list, ps, kill, exec, events                                     all of it: they read the record, which is replaced as a whole
 *
 * No lock is held while a hook runs or a program is waited for. So a hook may call every command for its own container, and a hook that
 * hangs keeps nobody from deleting it. Hooks of the runtime's namespaces are in the record while they run, for `delete --force` to end;
 * those of the container's end with init.
 *
 * The record is written: before anything is made, with what will have to be removed; with the pid of init, before init passes its first
 * sync point, unless a cgroup of its own leads to it; with each hook; when the container is created. So of a command that is killed at any
 * moment either the record leads to init, or init ends by itself when the socket to the command closes.
 */

import { messageOf, RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { Context } from '../context.ts';
import { checkId, containerDirectory, makeDirectory } from './store.ts';

/** How long one command waits for another that works on the same container, in milliseconds. */
const LOCK_TIMEOUT_MS = 60_000;

/** One with something in it is another command's by now. */
function removeEmpty(path: string): void {
  try {
    addon.rmdir(path);
  } catch {
    // What led here is what the caller has to know.
  }
}

/** A container's directory, held open. */
export class Hold {
  private readonly id: string;
  private readonly path: string;
  private fd: number;

  private constructor(context: Context, id: string) {
    this.id = id;
    this.path = containerDirectory(context, id);
    this.fd = addon.openDirectory(this.path);
  }

  /**
   * Claims an id by making its directory, which only one command can, and locks it.
   * @throws RuntimeError ID_TAKEN, CONTAINER_BUSY
   */
  static claim(context: Context, id: string): Hold {
    for (;;) {
      makeDirectory(context, id);
      try {
        // A `delete --force` may have come first: an empty directory is nobody's.
        const hold = Hold.lockPresent(context, id);
        if (hold) return hold;
      } catch (error) {
        removeEmpty(containerDirectory(context, id));
        throw error;
      }
    }
  }

  /**
   * Locks the directory of a container. What has been deleted while the lock was waited for does not exist, whoever bears its name by now.
   * @param only the directory of the container that is meant; another one of that name does not exist either
   * @throws RuntimeError CONTAINER_UNKNOWN, in the words engines match on (ENG-001), CONTAINER_BUSY
   */
  static take(context: Context, id: string, only?: number): Hold {
    checkId(id);
    let hold = Hold.lockPresent(context, id);
    if (hold && only !== undefined && !addon.leadsTo(hold.path, only)) {
      hold.close();
      hold = undefined;
    }
    if (!hold) throw new RuntimeError('CONTAINER_UNKNOWN', `container does not exist: ${id}`);
    return hold;
  }

  /** A descriptor of the directory that is the caller's, and no lock. */
  identity(): number {
    return addon.openDirectory(`/proc/self/fd/${this.fd}`);
  }

  private static lockPresent(context: Context, id: string): Hold | undefined {
    const hold = Hold.openPresent(context, id);
    let isThere = false;
    try {
      isThere = hold?.lock() ?? false;
      return isThere ? hold : undefined;
    } finally {
      if (!isThere) hold?.close();
    }
  }

  private static openPresent(context: Context, id: string): Hold | undefined {
    try {
      return new Hold(context, id);
    } catch (error) {
      if (!failedWith(error, 'ENOENT')) throw error;
      return undefined;
    }
  }

  /**
   * Takes the lock, also one that is taken already.
   * @returns whether the container is there yet; if not, nothing of its name may be touched
   * @throws RuntimeError CONTAINER_BUSY
   */
  lock(): boolean {
    try {
      addon.lock(this.fd, true, LOCK_TIMEOUT_MS);
    } catch (error) {
      if (!failedWith(error, 'ETIMEDOUT')) throw error;
      throw new RuntimeError('CONTAINER_BUSY', `container ${this.id} is in use by another command`, { cause: error });
    }
    return this.isThere;
  }

  /** lock, for what has to be cleaned up even if the lock cannot be had. */
  lockOrWarn(context: Context): boolean {
    if (this.fd < 0) return false;
    try {
      return this.lock();
    } catch (error) {
      context.warn({ code: 'CLEANUP_FAILED', message: `cleaning up ${this.id} without its lock: ${messageOf(error)}` });
      return this.isThere;
    }
  }

  private get isThere(): boolean {
    return addon.leadsTo(this.path, this.fd);
  }

  unlock(): void {
    addon.unlock(this.fd);
  }

  /**
   * Carries out one step under the lock, which is not held before and after.
   * @throws RuntimeError CONTAINER_DELETED, CONTAINER_BUSY
   */
  step<T>(operation: () => T): T {
    this.lock();
    this.check();
    const result = operation();
    this.unlock();
    return result;
  }

  /** @throws RuntimeError CONTAINER_DELETED */
  check(): void {
    if (!this.isThere) throw this.deleted();
  }

  /** The error of a command whose container another one has deleted. */
  deleted(cause?: unknown): RuntimeError {
    return new RuntimeError(
      'CONTAINER_DELETED',
      `container ${this.id} was deleted by another command`,
      cause === undefined ? {} : { cause },
    );
  }

  /** Gives up the lock and the directory. */
  close(): void {
    if (this.fd < 0) return;
    addon.close(this.fd);
    this.fd = -1;
  }
}

/**
 * Runs `operation` while no other command changes the container.
 * @throws RuntimeError CONTAINER_UNKNOWN, CONTAINER_BUSY
 */
export function locked<T>(context: Context, id: string, operation: () => T): T {
  const hold = Hold.take(context, id);
  try {
    return operation();
  } finally {
    hold.close();
  }
}
