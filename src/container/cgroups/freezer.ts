import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import { type CgroupPaths, isUnified, readIfThere } from './cgroup.ts';
import { above } from './parents.ts';

/** How long a cgroup gets to stop all of its processes, in milliseconds. A process in uninterruptible sleep can keep it from that. */
const FREEZE_TIMEOUT_MS = 10_000;
/** Longest wait between two looks at a cgroup v1 freezer, which cannot be waited on, in milliseconds. */
const LONGEST_PAUSE_MS = 20;

const freezerOf = (paths: CgroupPaths): string | undefined => paths['freezer'];
const FREEZER_STATE = 'freezer.state';
const CGROUP_FREEZE = 'cgroup.freeze';
/** Of version 1. */
export const stateFile = (directory: string): string => `${directory}/${FREEZER_STATE}`;
const freezeFile = (directory: string): string => `${directory}/${CGROUP_FREEZE}`;

/** Whether the container's cgroup is frozen or about to be. */
export function isFrozen(paths: CgroupPaths): boolean {
  const freezer = freezerOf(paths);
  if (freezer !== undefined) return /^FR/.test(readIfThere(stateFile(freezer)) ?? '');
  return isUnified(paths) && readIfThere(freezeFile(paths[''] ?? ''))?.trim() === '1';
}

/** The directory itself, or the nearest one above that exists: what is made below it takes over whether it is frozen. */
function nearest(directory: string): string {
  const found = directory === '' || addon.stat(directory, true)?.type === 'directory';
  return found ? directory : nearest(directory.slice(0, directory.lastIndexOf('/')));
}

/** Of a path that cannot be a cgroup's, or not one that we may make, the making of the cgroup says what is wrong. */
const isNoCgroup = (error: unknown): boolean => failedWith(error, 'ENAMETOOLONG', 'ELOOP', 'EINVAL', 'EACCES', 'EPERM');

/** Whether a control file says so. */
function says(directory: string | undefined, file: string, pattern: RegExp): boolean {
  try {
    return directory !== undefined && pattern.test(readIfThere(`${nearest(directory)}/${file}`) ?? '');
  } catch (error) {
    if (isNoCgroup(error)) return false;
    throw error;
  }
}

/** Gives the directory when it is frozen itself, and with it those below. */
const finder =
  ({ freezer }: CgroupPaths) =>
  (path: string): string | undefined => {
    const file = freezer === undefined ? CGROUP_FREEZE : 'freezer.self_freezing';
    return readIfThere(`${path}/${file}`)?.trim() === '1' ? path : undefined;
  };

function frozenItself(paths: CgroupPaths): string | undefined {
  const directory = nearest(paths['freezer'] ?? paths[''] ?? '');
  return finder(paths)(directory) ?? above(directory, finder(paths));
}

/**
 * Refuses a container that another one's freezing has stopped: nothing that is done in its own cgroup has its processes answer.
 * @throws RuntimeError CGROUP_FROZEN
 */
export function refuseFrozenAbove(paths: CgroupPaths): void {
  const directory = paths['freezer'] ?? paths[''];
  const found = directory === undefined ? undefined : above(directory, finder(paths));
  if (found === undefined) return;
  throw new RuntimeError('CGROUP_FROZEN', `container's cgroup unexpectedly frozen: the cgroup ${found} above it is frozen`, {
    hint: `thaw ${found} first`,
  });
}

/**
 * Refuses a cgroup in which init would stand still, and the runtime wait for it (LNX-058).
 * @throws RuntimeError CGROUP_FROZEN
 */
export function refuseFrozen(paths: CgroupPaths): void {
  const { freezer, '': unified } = paths;
  if (!says(freezer, 'freezer.state', /^FR/) && !says(unified, 'cgroup.events', /^frozen 1$/m)) return;
  const found = frozenItself(paths);
  const own = freezer ?? unified;
  const why = found === undefined || found === own ? '' : `: the cgroup ${found} above it is frozen`;
  throw new RuntimeError('CGROUP_FROZEN', `container's cgroup unexpectedly frozen${why}`, {
    pointer: '/linux/cgroupsPath',
    hint: `thaw ${found ?? 'it'}, or give the container ${why === '' ? 'a cgroup of its own' : 'another cgroupsPath'}`,
  });
}

/**
 * Stops every process of the cgroup and waits until they stand still; otherwise the cgroup is thawed again.
 * @throws RuntimeError FREEZE_UNSUPPORTED, FREEZE_TIMEOUT
 */
export function freeze(paths: CgroupPaths, timeoutMs = FREEZE_TIMEOUT_MS): void {
  const freezer = freezerOf(paths);
  const directory = freezer ?? (isUnified(paths) ? paths[''] : undefined);
  if (directory === undefined) throw new RuntimeError('FREEZE_UNSUPPORTED', 'the container has no cgroup that can be frozen');
  let frozen = false;
  try {
    frozen = freezer === undefined ? freezeUnified(directory, timeoutMs) : freezeLegacy(directory, timeoutMs);
  } finally {
    if (!frozen) thaw(paths);
  }
  if (!frozen) {
    const message = `unable to freeze ${directory}: its processes did not stop within ${timeoutMs / 1000} s`;
    throw new RuntimeError('FREEZE_TIMEOUT', message);
  }
}

function freezeLegacy(directory: string, timeoutMs: number): boolean {
  const deadline = addon.monotonic() + timeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    // Written each time: a process that was forked while its parent was being frozen is only caught by another attempt.
    addon.writeControl(stateFile(directory), 'FROZEN');
    if (addon.readFile(stateFile(directory)).trim() === 'FROZEN') return true;
    if (addon.monotonic() > deadline) return false;
    addon.pollIn([], pause);
  }
}

function freezeUnified(directory: string, timeoutMs: number): boolean {
  addon.writeControl(freezeFile(directory), '1');
  return waitForEvent(directory, 'frozen 1', timeoutMs);
}

/**
 * Waits until cgroup.events (v2) has this line.
 * @returns false when time is up
 */
export function waitForEvent(directory: string, line: string, timeoutMs: number): boolean {
  const deadline = addon.monotonic() + timeoutMs;
  for (;;) {
    const events = addon.open(`${directory}/cgroup.events`, 0, 0);
    try {
      // What changes after this read wakes the poll.
      if (addon.readFd(events, 4096).split('\n').includes(line)) return true;
      const left = Math.ceil(deadline - addon.monotonic());
      if (left <= 0) return false;
      addon.pollChange([], [events], left);
    } finally {
      addon.close(events);
    }
  }
}

/** Lets the cgroup and everything below it run again: the container itself may have frozen a part. */
export function thaw(paths: CgroupPaths): void {
  const freezer = freezerOf(paths);
  const unified = isUnified(paths) ? paths[''] : undefined;
  if (freezer !== undefined) addon.writeBelow(freezer, FREEZER_STATE, 'THAWED');
  else if (unified !== undefined) addon.writeBelow(unified, CGROUP_FREEZE, '0');
}
