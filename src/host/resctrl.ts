import { mountsWith, visibility } from './mount-table.ts';

const FILESYSTEM = ' - resctrl ';

/** Where the resctrl filesystem is mounted, according to the text of /proc/self/mountinfo: for writing, and where a path still leads to it, if possible. */
export function resctrlMount(mountinfo: string): string | undefined {
  if (!mountinfo.includes(FILESYSTEM)) return undefined;
  const mounts = mountsWith(mountinfo, FILESYSTEM);
  if (mounts.length < 2) return mounts[0]?.mountPoint;
  const isVisible = visibility(mountinfo);
  const usable = mounts.filter((mount) => mount.root === '/' && mount.writable && isVisible(mount));
  return (usable[0] ?? mounts[0])?.mountPoint;
}
