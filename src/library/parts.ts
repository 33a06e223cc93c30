import type { Stdio } from '../container/init/created.ts';
import { addon } from '../native/addon.ts';
import type { Calls } from './calls.ts';
import type { Ending } from './ending.ts';
import type { Target } from './operations.ts';
import type { ChildProcess } from './process.ts';
import type { Waiting } from './watcher.ts';

/** What a `Container` is made of. */
export interface Parts {
  readonly calls: Calls;
  readonly target: Target;
  /** Of the container's first process; 0: it has ended. */
  readonly pid: number;
  /** Its process, where this one is its parent. */
  readonly process?: ChildProcess;
  /** Else a pidfd, -1 when it has ended. */
  readonly pidfd?: number;
  /** Its kept streams, which are open as long as it is here, so that its last words wait for somebody to attach. */
  readonly streams?: Stdio;
  /** Told when it is removed. */
  readonly gone: () => void;
}

/** Its parent alone knows how it has ended. */
export async function endOfStranger(pidfd: number, waiting: Waiting | undefined): Promise<Ending> {
  await waiting?.ended;
  if (pidfd >= 0) addon.close(pidfd);
  return { exitCode: null, signal: null, usage: {} };
}
