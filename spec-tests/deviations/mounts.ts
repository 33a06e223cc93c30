import type { Deviation } from './deviation.ts';

export const mounts: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'cannot work without /proc in the container',
    why: 'nothing in the configuration needs it',
    titles: ['RTL-008'],
  },
  {
    runtimes: ['runc'],
    reason: 'passes the option defaults on to the filesystem',
    why: 'it is one of the options that the specification lists',
    titles: ['MNT-004'],
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'refuses options of a filesystem with a bind mount',
    why: 'they had no effect before either; create warns',
    titles: ['CFG-016 filesystem options of a bind'],
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'rootfsPropagation slave: the root is private where its mount is shared with the host',
    why: 'slave is what the configuration says',
    titles: ['LNX-178 rootfsPropagation slave keeps'],
  },
  {
    runtimes: ['runc'],
    before: '1.2',
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
  {
    runtimes: ['runc', 'crun'],
    reason: 'follows symlinks of the image from a bind source in the rootfs to files of the host',
    why: 'whoever wrote the image would choose the file of the host that a container gets',
    titles: [
      'CFG-012 an absolute symlink does not lead',
      'CFG-012 a relative symlink does not lead',
      'CFG-012 a symlink in the middle does not lead',
    ],
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'refuses options for a filesystem, and the option defaults, at a bind mount',
    why: 'mount(8) ignores them; a warning tells so',
    titles: [
      'MNT-039 bind,defaults asks',
      'MNT-039 rbind,slave,size=1k asks',
      'CFG-016 filesystem options of a bind',
      'CFG-016 a bind ignores such names',
    ],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'atime and diratime do not take noatime and nodiratime of the source back',
    why: 'they are asked for',
    titles: ['MNT-039 times: a source that is nodiratime with diratime', 'MNT-039 times: a source that is noatime with atime'],
  },
  {
    runtimes: ['crun'],
    reason: 'a bind mount that asks for no flags loses those of its source',
    why: 'runc leaves them, and they protect',
    titles: ['MNT-039 bind asks', 'MNT-039 rbind,rprivate asks', 'MNT-039 bind,defaults asks', 'MNT-039 rbind,slave,size=1k asks'],
  },
  {
    runtimes: ['crun'],
    reason: 'a bind mount that asks for ro keeps the other flags of its source',
    why: 'as with runc the flags are those asked for',
    titles: ['MNT-039 bind,ro replaces', 'MNT-039 rbind,ro replaces', 'MNT-039 bind,suid,ro replaces'],
  },
  {
    runtimes: ['crun'],
    reason: 'takes the flags of the host from a mount in a user namespace',
    why: 'what the host has locked protects it; runc keeps it too',
    titles: [
      'MNT-039 bind in a user namespace',
      'MNT-039 rbind,nosuid,nodev in a user namespace',
      'MNT-039 in a user namespace what',
      'MNT-039 bind,rw in a user namespace',
      'MNT-039 bind,dev,suid in a user namespace',
      'MNT-039 bind,exec,ro in a user namespace',
    ],
  },
  {
    runtimes: ['crun'],
    reason: 'a bind source in the rootfs does not show what earlier entries have mounted, or not with its flags',
    titles: [
      'CFG-012 the flags of an earlier',
      'CFG-012 with a user namespace that is joined',
      'CFG-012 a file system mounted by an earlier entry is what a bind of it shows in a user',
      'CFG-012 rbind shows the mounts below, bind does not in a user',
      'CFG-012 what is nowhere is missing, and its place is named in a user',
    ],
  },
];
