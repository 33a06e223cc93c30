import { messageOf } from '../../errors.ts';
import { mountsWith } from '../../host/mount-table.ts';
import { addon } from '../../native/addon.ts';
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

/** Those that it has now. */
const hierarchyOptions = (): string[] =>
  (mountsWith(addon.readFile('/proc/self/mountinfo'), ' - cgroup2 ')[0]?.superOptions ?? []).filter((option) => options.has(option));

/** Mounting takes away what is not asked for, from all mounts, and gives what is. The mount itself is never attached. */
const mountAgain = (wanted: readonly string[]): Step => ({
  chapter: 'Cgroups',
  title: 'give the cgroup hierarchy its options back',
  stage: 'intermediate',
  action: { op: 'fs.mount', type: 'cgroup2', source: 'cgroup2', options: [...wanted], attributes: 0n, slot: slots.target },
});

/**
 * CRIU mounts the hierarchy of cgroups without options, which takes those of the host away: `nsdelegate`, by which a cgroup namespace confines, and how
 * memory is protected and counted. What was there is there again afterwards.
 */
export function keepHierarchy<T>(context: Context, action: () => T): T {
  const before = hierarchyOptions();
  try {
    return action();
  } finally {
    giveBack(context, before);
  }
}

/** What has been saved or restored stays that, whatever becomes of this. */
function giveBack(context: Context, before: readonly string[]): void {
  try {
    const after = hierarchyOptions();
    if (before.some((option) => !after.includes(option))) perform(context, [mountAgain(before)]);
  } catch (error) {
    const message = `the hierarchy of cgroups may lack options that it had (${before.join(',')}): ${messageOf(error)}`;
    context.warn({ code: 'CLEANUP_FAILED', message });
  }
}
