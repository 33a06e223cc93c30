import type { Guard } from '../container/guard.ts';
import { addon } from '../native/addon.ts';
import type { Calls } from './calls.ts';
import { awaited, waitReadable } from './watcher.ts';

/** Sees to it that there is a guard whenever a container is made, and that there is none when nobody wants one. */
export class GuardKeeper {
  private readonly calls: Calls;
  private present: Promise<Guard> | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  constructor(calls: Calls) {
    this.calls = calls;
  }

  /** @throws RuntimeError GUARD_FAILED */
  async ready(): Promise<void> {
    this.present ??= this.start();
    try {
      const { pid, namespace } = await this.present;
      this.calls.settings = { ...this.calls.settings, guard: { pid, namespace } };
    } catch (error) {
      this.present = undefined;
      throw error;
    }
  }

  private async start(): Promise<Guard> {
    const guard = await this.calls.do('guard', {});
    this.ended = this.attend(guard);
    return guard;
  }

  /** Somebody may kill it, and all containers with it; for others there is a new one then. */
  private async attend({ pid, pidfd, namespace, socket }: Guard): Promise<void> {
    await waitReadable(pidfd).ended;
    this.present = undefined;
    addon.waitPid(pid, true);
    for (const fd of [pidfd, namespace, socket]) addon.close(fd);
  }

  async close(): Promise<void> {
    const guard = await this.present?.catch(() => undefined);
    if (guard) addon.pidfdSendSignal(guard.pidfd, 9);
    await awaited(this.ended);
  }
}
