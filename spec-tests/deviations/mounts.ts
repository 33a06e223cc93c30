import type { Deviation } from './deviation.ts';

export const mounts: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'cannot work without /proc in the container',
    titles: ['RTL-008'],
  },
  { runtimes: ['runc'], before: '1.2', reason: 'passes the option defaults on to the filesystem', titles: ['MNT-004'] },
  {
    runtimes: ['runc'],
    reason: 'gives a tmpfs the mode of the directory below it, whatever the option mode= says',
    titles: ['CFG-016 other options go to the filesystem: mode', 'CFG-018 options of tmpfs'],
  },
  {
    runtimes: ['runc'],
    before: '1.3.1',
    reason: 'shared does not outlast pivot_root and unbindable cannot be bound',
    titles: ['LNX-177 rootfsPropagation shared', 'LNX-180'],
  },
  {
    runtimes: ['crun'],
    reason: 'the opposite of a mount option does not clear it',
    titles: ['MNT-050', 'MNT-055', 'MNT-005', 'MNT-008', 'MNT-002', 'MNT-006', 'MNT-001'],
  },
  {
    runtimes: ['crun'],
    reason: 'passes mount options that it does not know on to the filesystem',
    titles: ['MNT-023', 'MNT-056', 'MNT-011', 'MNT-052', 'MNT-009', 'MNT-017'],
  },
  {
    runtimes: ['crun'],
    reason: 'recursive time attributes are set without clearing the old ones first',
    titles: ['MNT-032', 'MNT-033', 'MNT-038', 'MNT-046'],
  },
  {
    runtimes: ['crun'],
    reason: 'propagation of a mount is undone by that of the root',
    titles: ['MNT-051', 'MNT-044', 'MNT-059', 'MNT-049'],
  },
  { runtimes: ['crun'], reason: 'does not make what a dangling symlink to a directory names', titles: ['CFG-011 symlinks of the rootfs'] },
  { runtimes: ['crun'], reason: 'makes every tmpfs without mode= 1777', titles: ['ENG-023'] },
  { runtimes: ['crun'], reason: 'read-only paths lose the other flags of their mount', titles: ['LNX-182 flags'] },
];
