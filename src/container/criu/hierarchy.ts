import { messageOf } from '../../errors.ts';
import { mountsWith } from '../../host/mount-table.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { Step } from '../../plan/plan.ts';
import { slots } from '../../plan/wire/places.ts';
import type { Context } from '../context.ts';
import { perform } from './inside.ts';

/** Options of cgroup v2 that are those of the whole hierarchy, whoever mounts it (cgroups(7), "Documentation/admin-guide/cgroup-v2.rst"). */
const options = new Set([
  'nsdelegate',
  'favordynmods',
  'memory_localevents',
  'memory_recursiveprot',
  'memory_hugetlb_accounting',
  'pids_localevents',
]);

/** Where systemd mounts cgroup v2: alone, and beside v1. */
const USUAL = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
/** Attribute of the hierarchy while CRIU may have taken its options away: those it is to have again. Empty: none. */
const WANTED = 'trusted.runts.hierarchy';
/** How long whoever ends a save or a restore may take to look whether it is the last, in milliseconds. */
const LOOK_MS = 200;

const known = (words: readonly string[]): string[] => words.filter((word) => options.has(word));

interface Hierarchy {
  /** Where it is mounted. */
  readonly path: string;
  readonly options: readonly string[];
}

/** The hierarchy of cgroup v2 as it is now; undefined where there is none. */
export function hierarchyIn(mountinfo: string): Hierarchy | undefined {
  const [mount] = mountsWith(mountinfo, ' - cgroup2 ');
  return mount && { path: mount.mountPoint, options: known(mount.superOptions) };
}

const present = (): Hierarchy | undefined => hierarchyIn(addon.readFile('/proc/self/mountinfo'));

function optionsNoted(path: string): string[] {
  try {
    return known((addon.attribute(path, WANTED) ?? '').split(','));
  } catch {
    // A caller whose seccomp filter has no such call, or who cannot reach it, cannot have noted any either.
    return [];
  }
}

/** Mounting takes away what is not asked for, from all mounts, and gives what is. The mount itself is never attached. */
const mountAgain = (wanted: readonly string[]): Step => ({
  chapter: 'Cgroups',
  title: 'give the cgroup hierarchy its options back',
  stage: 'intermediate',
  action: { op: 'fs.mount', type: 'cgroup2', source: 'cgroup2', options: [...wanted], attributes: 0n, slot: slots.target },
});

/** Without the right to such attributes each call remembers its own alone. */
function note(path: string, wanted: readonly string[]): void {
  try {
    addon.setAttribute(path, WANTED, wanted.join());
  } catch {
    // What cannot be noted cannot be read either.
  }
}

/** @param exclusive who is the last. @returns whether the lock was to be had */
function lock(fd: number, exclusive: boolean): boolean {
  try {
    addon.lock(fd, exclusive, exclusive ? 0 : LOOK_MS);
    return true;
  } catch (error) {
    // Anybody may hold one, and keep the note there by that.
    if (!failedWith(error, 'ETIMEDOUT')) throw error;
    return false;
  }
}

/**
 * CRIU mounts the hierarchy of cgroups without options, which takes those of the host away: `nsdelegate`, by which a cgroup namespace confines, and how
 * memory is protected and counted. What was there is there again afterwards, also where several save and restore at a time; after the death of this
 * process the next one, or the next delete, gives it back.
 */
export function keepHierarchy<T>(context: Context, action: () => T): T {
  const hierarchy = present();
  if (hierarchy === undefined) return action();
  const { path, options: now } = hierarchy;
  const fd = addon.openDirectory(path);
  try {
    lock(fd, false);
    const wanted = [...new Set([...now, ...optionsNoted(path)])];
    if (wanted.length > 0) note(path, wanted);
    try {
      return action();
    } finally {
      giveBack(context, path, fd, wanted);
    }
  } finally {
    addon.close(fd);
  }
}

/** The same for one that was killed. */
export function mendHierarchy(context: Context): void {
  for (const path of USUAL) {
    const wanted = optionsNoted(path);
    if (wanted.length === 0) continue;
    const fd = addon.openDirectory(path);
    try {
      if (lock(fd, true)) giveBack(context, path, fd, wanted);
    } finally {
      addon.close(fd);
    }
  }
}

/** What has been saved or restored stays that, whatever becomes of this. */
function giveBack(context: Context, path: string, fd: number, wanted: readonly string[]): void {
  try {
    const now = present()?.options ?? [];
    if (wanted.some((option) => !now.includes(option))) perform(context, [mountAgain([...new Set([...now, ...wanted])])]);
    // Another one's CRIU may have it before it yet, and that one needs the note if it is killed.
    if (wanted.length > 0 && lock(fd, true)) note(path, []);
  } catch (error) {
    const message = `the hierarchy of cgroups may lack options that it had (${wanted.join()}): ${messageOf(error)}`;
    context.warn({ code: 'CLEANUP_FAILED', message });
  }
}
