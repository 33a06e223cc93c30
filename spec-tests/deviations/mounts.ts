import type { Deviation } from './deviation.ts';

export const mounts: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'cannot work without /proc in the container',
    why: 'nothing in the configuration needs it',
    titles: {
      'RTL-008': [
        'open /proc/sys/kernel/cap_last_cap: no such file or directory',
        "expected '5\\n' to be '0\\n'",
        'error closing exec fds: open',
      ],
    },
  },
  {
    runtimes: ['runc'],
    reason: 'passes the option defaults on to the filesystem',
    why: 'it is one of the options that the specification lists',
    titles: { 'MNT-004': ['mount src=tmpfs, dst=/data, dstFd=', 'data: defaults: invalid argument'] },
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'refuses options of a filesystem with a bind mount',
    why: 'they had no effect before either; create warns',
    titles: {
      'CFG-016 filesystem options of a bind':
        'ClearedFlags:0 PropagationFlags:[] Data:size=1k Relabel: RecAttr:<nil> Extensions:0 IDMapping:<nil>}: bind mounts cannot have any filesystem-specific options applied',
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'rootfsPropagation slave: the root is private where its mount is shared with the host',
    why: 'slave is what the configuration says',
    titles: { 'LNX-178 rootfsPropagation slave keeps': 'expected false to be true' },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'gives a tmpfs the mode of the directory below it, whatever the option mode= says',
    titles: {
      'CFG-016 other options go to the filesystem: mode': "expected '755\\n' to be '751\\n'",
      'CFG-018 options of tmpfs': "to be 'tmpfs spec rw,size=64k,nr_inodes=",
    },
  },
  {
    runtimes: ['runc'],
    before: '1.3.1',
    reason: 'shared does not outlast pivot_root and unbindable cannot be bound',
    titles: {
      'LNX-177 rootfsPropagation shared': ['expected undefined to be defined', 'expected false to be true'],
      'LNX-180': 'error preparing rootfs: mount',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'the opposite of a mount option does not clear it',
    titles: {
      'MNT-050': 'to deeply equal ArrayContaining [',
      'MNT-055': "expected [ 'rw', 'nosuid', 'relatime' ] to not include 'nosuid'",
      'MNT-005': "expected [ 'rw', 'nodev', 'relatime' ] to not include 'nodev'",
      'MNT-008': "expected [ 'rw', 'noexec', 'relatime' ] to not include 'noexec'",
      'MNT-002': "expected [ 'rw', 'noatime' ] to not include 'noatime'",
      'MNT-006': "expected [ 'rw', 'nodiratime', 'relatime' ] to not include 'nodiratime'",
      'MNT-001': ["expected [ 'rw', 'sync', 'mode=755' ] to not include 'sync'", "expected [ 'rw', 'sync' ] to not include 'sync'"],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'passes mount options that it does not know on to the filesystem',
    titles: {
      'MNT-023': 'mount `tmpfs` to `data`: Invalid argument',
      'MNT-056': 'mount `tmpfs` to `data`: Invalid argument',
      'MNT-011': 'mount `tmpfs` to `data`: Invalid argument',
      'MNT-052': 'mount `tmpfs` to `data`: Invalid argument',
      'MNT-009': 'mount `tmpfs` to `data`: Invalid argument',
      'MNT-017': 'mount `tmpfs` to `data`: Invalid argument',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'recursive time attributes are set without clearing the old ones first',
    titles: {
      'MNT-032': 'mount_setattr `/data`: Invalid argument',
      'MNT-033': 'mount_setattr `/data`: Invalid argument',
      'MNT-038': "expected [ 'rw', 'relatime' ] to include 'nosymfollow'",
      'MNT-046': 'mount_setattr `/data`: Invalid argument',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'propagation of a mount is undone by that of the root',
    titles: {
      'MNT-051': 'expected false to be true',
      'MNT-044 rshared': 'expected false to be true',
      'MNT-059': 'expected false to be true',
      'MNT-049': 'expected false to be true',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'gives the propagation of a mount to those below it, or none',
    titles: {
      'LNX-179 a shared mount stays so below': [
        "expected [ 'shared:2' ] to deeply equal []",
        'to deeply equal [ StringMatching /^shared:/ ]',
        'expected undefined to deeply equal []',
      ],
    },
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'rootfsPropagation rslave undoes the propagation of a mount',
    why: 'with rprivate it does not either: what an entry of mounts asks for is meant for that one',
    titles: { 'LNX-179 a shared mount stays so below a root that is rslave': 'to deeply equal [ StringMatching /^shared:/ ]' },
  },
  {
    runtimes: ['runc'],
    reason: 'a bind mount without a source is one of the bundle',
    why: 'it shows the container its configuration, which nobody asks for by leaving something out',
    titles: { 'CFG-008 a bind mount without a source': 'expected +0 to be 1' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'holds a descriptor for every bind mount, so that the limit of its caller is that of the mounts',
    titles: {
      'CFG-012 1100 binds': 'Too many open files',
      'CFG-012 300 binds': 'open `/proc`: Too many open files',
      'CFG-012 60 binds': 'open `/proc`: Too many open files',
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'runs a container without a mount namespace whose root is to be read-only, with one that is not',
    why: 'the protection would be lost without a word',
    titles: { 'CFG-007 RT-018 a read-only root': 'expected +0 to be 1' },
  },
  {
    runtimes: ['crun'],
    reason: 'does not make what a dangling symlink to a directory names',
    titles: { 'CFG-011 symlinks of the rootfs': 'openat2 `absolute`: No such file or directory' },
  },
  { runtimes: ['crun'], before: '1.28', reason: 'makes every tmpfs without mode= 1777', titles: { 'ENG-023': "to be '755" } },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'read-only paths lose the other flags of their mount',
    titles: { 'LNX-182 flags': "expected ' /data ro,relatime' to match /nosuid,nodev,noexec/" },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'follows symlinks of the image from a bind source in the rootfs to files of the host',
    why: 'whoever wrote the image would choose the file of the host that a container gets',
    titles: {
      'CFG-012 an absolute symlink does not lead': [
        'failed to fulfil mount request: open',
        'No such file or directory',
        'no such file or directory',
        "can't get final child's PID from pipe: EOF",
      ],
      'CFG-012 a relative symlink does not lead': "expected 'of the host' to be 'of the image'",
      'CFG-012 a symlink in the middle does not lead': "expected 'of the host' to be 'of the image'",
    },
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'refuses options for a filesystem, and the option defaults, at a bind mount',
    why: 'mount(8) ignores them; a warning tells so',
    titles: {
      'MNT-039 bind,defaults asks':
        'ClearedFlags:0 PropagationFlags:[] Data:defaults Relabel: RecAttr:<nil> Extensions:0 IDMapping:<nil>}: bind mounts cannot have any filesystem-specific options applied',
      'MNT-039 rbind,slave,size=1k asks':
        '] Data:size=1k Relabel: RecAttr:<nil> Extensions:0 IDMapping:<nil>}: bind mounts cannot have any filesystem-specific options applied',
      'CFG-016 a bind ignores such names':
        'ClearedFlags:0 PropagationFlags:[] Data:constructor,__proto__ Relabel: RecAttr:<nil> Extensions:0 IDMapping:<nil>}: bind mounts cannot have any filesystem-specific options applied',
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'atime and diratime do not take noatime and nodiratime of the source back',
    why: 'they are asked for',
    titles: {
      'MNT-039 times: a source that is nodiratime with diratime': "expected 'nodiratime,relatime,rw' to be 'relatime,rw'",
      'MNT-039 times: a source that is noatime with atime': "expected 'noatime,rw' to be 'relatime,rw'",
    },
  },
  {
    runtimes: ['crun'],
    reason: 'a bind mount that asks for no flags loses those of its source',
    why: 'runc leaves them, and they protect',
    titles: {
      'MNT-039 bind asks': "expected 'rw' to be 'nodev,noexec,nosuid,ro'",
      'MNT-039 rbind,rprivate asks': "expected 'rw' to be 'nodev,noexec,nosuid,ro'",
      'MNT-039 bind,defaults asks': "expected 'rw' to be 'nodev,noexec,nosuid,ro'",
      'MNT-039 rbind,slave,size=1k asks': "expected 'rw' to be 'nodev,noexec,nosuid,ro'",
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'a bind mount that asks for ro keeps the other flags of its source',
    why: 'as with runc the flags are those asked for',
    titles: {
      'MNT-039 bind,ro replaces': "expected 'nodev,noexec,nosuid,ro' to be 'ro'",
      'MNT-039 rbind,ro replaces': "expected 'nodev,noexec,nosuid,ro' to be 'ro'",
      'MNT-039 bind,suid,ro replaces': "expected 'nodev,noexec,nosuid,ro' to be 'ro'",
    },
  },
  {
    runtimes: ['crun'],
    reason: 'takes the flags of the host from a mount in a user namespace',
    why: 'what the host has locked protects it; runc keeps it too',
    titles: {
      'MNT-039 in a user namespace what': [
        "expected 'nosuid,rw' to be 'noexec,nosuid,rw'",
        "expected 'noexec,rw' to be 'noexec,nosuid,rw'",
      ],
      'MNT-039 bind,rw in a user namespace': 'expected +0 to be 1',
      'MNT-039 bind,dev,suid in a user namespace': 'expected +0 to be 1',
      'MNT-039 bind,exec,ro in a user namespace': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'takes the flags of the host from a mount in a user namespace',
    why: 'what the host has locked protects it; runc keeps it too',
    titles: {
      'MNT-039 bind in a user namespace': "expected 'rw' to be 'nodev,noexec,nosuid,ro'",
      'MNT-039 rbind,nosuid,nodev in a user namespace': "expected 'nodev,nosuid,rw' to be 'nodev,noexec,nosuid,ro'",
    },
  },
  {
    runtimes: ['crun'],
    reason: 'a bind source in the rootfs does not show what earlier entries have mounted, or not with its flags',
    titles: {
      'CFG-012 the flags of an earlier': 'to match / rw,nosuid,nodev,noexec,/',
      'CFG-012 a file system mounted by an earlier entry is what a bind of it shows in a user':
        "cat: can't open '/again/new': No such file or directory",
      'CFG-012 rbind shows the mounts below, bind does not in a user': 'ls: /one/low: No such file or directory',
      'CFG-012 what is nowhere is missing, and its place is named in a user': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    // In the machine with cgroup v2 the rootfs lies on a tmpfs, too.
    cgroup: 'v1',
    reason: 'a bind source in the rootfs does not show what earlier entries have mounted, where a user namespace is joined',
    titles: { 'CFG-012 with a user namespace that is joined': "expected 'ext2/ext3\\n' to be 'tmpfs\\n'" },
  },
  {
    runtimes: ['runc'],
    reason: 'fails to copy a fifo with two names, and makes two files of two names',
    why: 'the copy is to be what the directory was',
    titles: { 'MNT-058 two names': 'tmpcopyup: failed to copy /data to' },
  },
  {
    runtimes: ['runc'],
    reason: 'cannot mount sysfs, mqueue and proc of a namespace that does not belong to the user namespace',
    why: 'made by the runtime they show what the configuration asks for, and nothing of them can be written',
    titles: {
      'LNX-010 CFG-018 sysfs of': 'operation not permitted',
      'LNX-010 CFG-018 nothing of': ['mount src=proc, dst=/proc, dstFd=', 'operation not permitted'],
      'LNX-010 CFG-018 mqueue of': ['flags=MS_NOSUID|MS_NODEV|MS_NOEXEC: operation not permitted', 'mount mqueue:/dev/mqueue (via'],
      'LNX-010 CFG-018 proc of': ['mount src=proc, dst=/proc, dstFd=', 'operation not permitted'],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'shows the sysfs of the runtime’s network namespace, writable, and fails to mount mqueue and proc of the host’s namespaces',
    titles: {
      'LNX-010 CFG-018 sysfs of': ['/sys ro,nosuid,nodev,noexec', "0' to be 'lo'"],
      'LNX-010 CFG-018 nothing of': ['mount `sysfs` to `sys`: Operation not permitted', 'mount `proc` to `proc`: Operation not permitted'],
      'LNX-010 CFG-018 mqueue of the host': 'mount `mqueue` to `dev/mqueue`: Operation not permitted',
      'LNX-010 CFG-018 proc of the host': 'mount `proc` to `proc`: Operation not permitted',
    },
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'a cgroup mount may hold programs and devices where the configuration does not forbid it',
    titles: { 'ENG-024 on cgroup v1 what is made': 'to match / rw,nosuid,nodev,noexec,relatime /' },
  },
  {
    runtimes: ['crun'],
    reason: 'makes two files of two names that are copied',
    titles: { 'MNT-058 two names': "to be 'one 3\\nfifo 2\\nlink 2\\nlone 1\\nsame\\n" },
  },
  {
    runtimes: ['crun'],
    reason: 'opens the source of an id-mapped mount before any other is there, and in its own directory',
    titles: { 'CFG-012 MNT-060 with an id mapping of its own': 'open `rootfs/data`: Bad file descriptor' },
  },
];
