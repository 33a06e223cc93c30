// What a process of the library has open.
import { readdirSync, readlinkSync } from 'node:fs';

/**
 * Open descriptors of this process, but for that of Node's inotify(7) and those by which its threads wake each other, of whose pipes both ends are here.
 * @returns {string[]}
 */
export function openDescriptors() {
  const targets = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
  const isThreads = (target) =>
    /^anon_inode:(\[(event|io_uring)|inotify)/.test(target) ||
    (target.startsWith('pipe:') && targets.indexOf(target) !== targets.lastIndexOf(target));
  return targets.filter((target) => !isThreads(target)).sort();
}

/** The descriptor of the listing itself is gone. */
function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return 'anon_inode:[event';
  }
}
