import { messageOf, RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { guardSteps } from '../plan/guard.ts';
import type { Context } from './context.ts';
import { handlersAlone } from './init/handlers.ts';
import { converse, type InitRequest, reapIntermediate, spawnInit } from './init/spawn.ts';
import { killChild } from './process/kill-process.ts';
import type { ContainerRecord } from './state/container-record.ts';

/**
 * What ends containers with the process that made them, also by SIGKILL. A signal for the parent's death (PR_SET_PDEATHSIG) would be the
 * container's to cancel: it is forgotten by prctl(2), by a change of user, and by execve(2) of another thread than the first. Nor can a
 * tracer hold what is cloned with CLONE_UNTRACED. The pid namespace above its own is nothing that a container sees or can leave.
 */
export interface Guard {
  readonly pid: number;
  readonly pidfd: number;
  /** Descriptor of its pid namespace. */
  readonly namespace: number;
  /** With it the guard ends, and all in its pid namespace. */
  readonly socket: number;
}

/**
 * Starts a guard, a child of this process.
 * @throws RuntimeError GUARD_FAILED
 */
export function startGuard(context: Context): Guard {
  const nowhere = addon.open('/dev/null', 0, 0);
  try {
    return start(context, { steps: guardSteps, preserveFds: 0, stdio: [nowhere, nowhere, nowhere], piped: false, until: 'ready' });
  } catch (error) {
    throw new RuntimeError('GUARD_FAILED', `unable to start what ends containers with their parent: ${messageOf(error)}`, {
      hint: 'it takes the right to make pid namespaces (CAP_SYS_ADMIN); without it, let containers outlive their parent (`outlive: true`)',
      cause: error,
    });
  } finally {
    addon.close(nowhere);
  }
}

function start(context: Context, request: InitRequest): Guard {
  const init = spawnInit(request);
  let isCloned = false;
  const cloned = (): void => {
    isCloned = true;
    reapIntermediate(init);
  };
  try {
    const pid = converse(init, request, { ...handlersAlone(context), cloned });
    return { pid, pidfd: addon.pidfdOpen(pid), namespace: addon.open(`/proc/${pid}/ns/pid`, 0, 0), socket: init.socket };
  } catch (error) {
    // A guard ends without it by itself.
    addon.close(init.socket);
    if (!isCloned) killChild(init.intermediate, 'intermediate');
    throw error;
  }
}

/** What a record says of the process that its container ends with: this one. */
export function parentOf({ guard }: Context): Pick<ContainerRecord, 'parent'> {
  if (guard === undefined) return {};
  const pid = addon.getpid();
  return { parent: { pid, startTime: String(addon.processStat(pid)?.startTime ?? 0n) } };
}

/** Whether a container was to end with a process that has ended, so that nobody is left who would remove it. */
export function isOrphaned({ parent }: Pick<ContainerRecord, 'parent'>): boolean {
  if (parent === undefined) return false;
  const process = addon.processStat(parent.pid);
  return process === null || String(process.startTime) !== parent.startTime || process.state === 'Z' || process.state === 'X';
}
