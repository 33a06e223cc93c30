/**
 * The ABI between the planner and the `init` program: every operation init knows, and the fields of its payload. `native/core/ops.gen.h` is
 * generated from this folder (`npm run generate`); a test fails when it is stale. File descriptors never travel: operations name *slots*
 * (places.ts), which init fills as it goes.
 */

/** Types a field of an operation can have. */
export type FieldType = 'u32' | 'u64' | 'i64' | 'bool' | 'slot' | 'str' | 'bytes' | 'strs' | 'u32s' | 'u64s';

type FieldValue<T extends FieldType> = T extends 'u32' | 'slot'
  ? number
  : T extends 'u64' | 'i64'
    ? bigint
    : T extends 'bool'
      ? boolean
      : T extends 'str'
        ? string
        : T extends 'bytes'
          ? Uint8Array
          : T extends 'strs'
            ? readonly string[]
            : T extends 'u32s'
              ? readonly number[]
              : readonly bigint[];

/** What is done to the attributes of the mount in `slot`. */
const attributeChange = {
  slot: 'slot',
  set: 'u64',
  clear: 'u64',
  spare: 'u64',
  locked: 'bool',
  propagation: 'u64',
} as const;

/**
 * Every operation of init. Numbers are assigned by order, so new operations go to the end.
 * Paths called `destination` or `path` without further word resolve inside the rootfs slot
 * (`openat2` with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS); `source` paths resolve in the runtime's mount namespace.
 */
export const ops = {
  /** Opens a namespace file and refuses it unless ioctl(NS_GET_NSTYPE) says `type` (a CLONE_NEW* flag). */
  'ns.open': { path: 'str', type: 'u32', slot: 'slot' },
  /** setns(2) on a namespace file (one flag) or a pidfd (several). */
  'ns.join': { slot: 'slot', flags: 'u32' },
  /** unshare(2). */
  'ns.unshare': { flags: 'u32' },
  /** Writes the clock offsets for the time namespace that the next child enters. */
  'ns.timeOffsets': { text: 'str' },
  /** clone3(2) with CLONE_PARENT: the child goes on with the records of stage init, the caller reports its pid and exits. */
  'ns.clone': { flags: 'u32' },
  /** Stops until the runtime answers; the answer may bring file descriptors for slots. */
  sync: { point: 'u32' },
  /** keyctl(KEYCTL_JOIN_SESSION_KEYRING): a new keyring, called `name` and a random number. */
  'keyring.join': { name: 'str' },
  /** setsid(2). */
  'session.new': {},
  /** Writes "0" into each slot (a cgroup's `tasks` or `cgroup.procs`) and closes it. */
  'cgroup.join': { slots: 'u32s' },
  /** Sets the loopback interface up. */
  'loopback.up': {},
  'hostname.set': { name: 'str' },
  'domainname.set': { name: 'str' },
  /** A private procfs of the current pid namespace (fsopen); `subset` hides everything but processes. */
  'procfs.open': { slot: 'slot', subset: 'bool' },
  /** Writes a file of the private procfs in `slot`, found without leaving it. */
  'procfs.write': { slot: 'slot', path: 'str', value: 'str' },
  /** Recursive change of propagation below "/" (MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE). */
  'root.propagation': { propagation: 'u64', recursive: 'bool' },
  /** open_tree(OPEN_TREE_CLONE) of a path of the runtime's mount namespace. */
  'tree.clone': { source: 'str', recursive: 'bool', noFollow: 'bool', slot: 'slot' },
  /**
   * mount_setattr(2) on the mount in `slot`. `userNamespace` (a slot, or none) goes with MOUNT_ATTR_IDMAP. `spare` is cleared as well, but for
   * what a user namespace has locked; with `locked` whatever the mount has counts as locked.
   */
  'tree.setattr': {
    ...attributeChange,
    userNamespace: 'slot',
    recursive: 'bool',
  },
  /** fsopen + fsconfig + fsmount. An option is `key=value` or a flag; `attributes` are MOUNT_ATTR_*. */
  'fs.mount': { type: 'str', source: 'str', options: 'strs', attributes: 'u64', slot: 'slot' },
  /** mount(2) with one data string, for filesystems and option lengths that fsconfig cannot carry; leaves a detached mount as well. */
  'fs.mountLegacy': { type: 'str', source: 'str', flags: 'u64', data: 'str', slot: 'slot' },
  /** fspick + fsconfig + FSCONFIG_CMD_RECONFIGURE on the mount in `slot`, or on that at a destination (slot none), then mount_setattr. */
  'fs.reconfigure': { slot: 'slot', destination: 'str', options: 'strs', set: 'u64', clear: 'u64' },
  /** Copies what the directory at `destination` holds into the detached tmpfs in `slot` (option tmpcopyup). */
  'tree.copyUp': { slot: 'slot', destination: 'str' },
  /**
   * move_mount of a detached mount to a destination; missing directories (mode 0755) and, for a tree whose root is not
   * a directory, the file are created. `noSymlinks` refuses a symlink on the way; `inheritMode` gives the new mount's root the
   * mode of a directory that was there before; a destination on procfs is EPERM unless `onProc` (CVE-2019-16884). The slot is
   * closed unless a later step is to `keep` it.
   */
  'tree.attach': { slot: 'slot', destination: 'str', noSymlinks: 'bool', inheritMode: 'bool', onProc: 'bool', keep: 'bool' },
  /** Puts a detached clone of the rootfs over the rootfs path itself; afterwards the slot is the root that paths resolve in. */
  'rootfs.attach': { slot: 'slot', path: 'str' },
  /** Opens the rootfs as it is, without a mount of its own (no mount namespace). */
  'rootfs.open': { slot: 'slot', path: 'str' },
  /** Symlink at `path`; an existing symlink or file there is replaced when `replace`, else kept. Parents are created. */
  'link.make': { path: 'str', target: 'str', replace: 'bool' },
  /** As link.make, but only when /proc/self/fd style `condition` exists inside the rootfs. */
  'link.makeIf': { path: 'str', target: 'str', condition: 'str' },
  /** mknodat of `type` (S_IFCHR, S_IFBLK, S_IFIFO); an identical node is accepted, anything else there is EEXIST. */
  'node.make': { path: 'str', type: 'u32', major: 'u32', minor: 'u32', mode: 'u32', uid: 'u32', gid: 'u32' },
  /** Opens a pty of the devpts at `devpts` in the rootfs, reports the master and makes the slave fds 0-2; mounts the slave on `console` unless empty. `onlcr`: newlines get a carriage return. */
  'console.open': { devpts: 'str', console: 'str', width: 'u32', height: 'u32', uid: 'u32', onlcr: 'bool' },
  /**
   * Runs a hook in the container's namespaces: state = head + own pid + tail on stdin; killed after timeoutMs (0 = never). `home` adds what
   * home.find found to `env`; `preserved` is the number of descriptors from 3 on that are meant for the program.
   */
  'hook.run': {
    path: 'str',
    args: 'strs',
    env: 'strs',
    home: 'bool',
    preserved: 'u32',
    timeoutMs: 'u64',
    stateHead: 'str',
    stateTail: 'str',
  },
  /** pivot_root onto the rootfs slot and detach the old root. */
  'root.pivot': {},
  /** MS_MOVE of the rootfs onto "/" and chroot (--no-pivot). */
  'root.move': {},
  /** fchdir + chroot into `slot`. */
  'root.chroot': { slot: 'slot' },
  /** mount_setattr on "/" after the root was changed. */
  'root.setattr': { set: 'u64', clear: 'u64', propagation: 'u64', recursive: 'bool' },
  /**
   * Read-only bind of a path onto itself; a missing path is no error unless `required`. The path is `below` the mount in `slot`, where no
   * symlink leads elsewhere; else, or with slot none, it is looked for from the root.
   */
  'path.readonly': { path: 'str', slot: 'slot', below: 'str', required: 'bool' },
  /** Covers a file with the verified null device, a directory with one shared empty tmpfs; the path as for path.readonly. */
  'path.mask': { path: 'str', slot: 'slot', below: 'str', required: 'bool' },
  /** Replaces null devices among fds 0-2, which are the host's, by the container's own, where it has one. */
  'stdio.null': {},
  'umask.set': { mask: 'u32' },
  'rlimit.set': { resource: 'u32', soft: 'u64', hard: 'u64' },
  /** Drops every capability up to `last`, the highest that the kernel knows, that `keep` does not hold from the bounding set. */
  'caps.bounding': { keep: 'u64', last: 'u32' },
  'caps.keep': { on: 'bool' },
  'caps.set': { effective: 'u64', permitted: 'u64', inheritable: 'u64' },
  /** Clears the ambient set and raises each bit; one that cannot be raised is a warning event. */
  'caps.ambient': { set: 'u64' },
  /** setgroups (when `setGroups`), setresgid, setresuid; not dumpable afterwards. */
  'user.set': { uid: 'u32', gid: 'u32', groups: 'u32s', setGroups: 'bool' },
  'nnp.set': {},
  'dumpable.set': { on: 'bool' },
  /** seccomp(SECCOMP_SET_MODE_FILTER); with `listener` the notification fd is reported. */
  'seccomp.load': { program: 'bytes', flags: 'u64', listener: 'bool' },
  'scheduler.set': { policy: 'u32', nice: 'i64', priority: 'u32', flags: 'u64', runtime: 'u64', deadline: 'u64', period: 'u64' },
  /** ioprio_set(IOPRIO_WHO_PROCESS, 0). */
  'ioprio.set': { value: 'u32' },
  'personality.set': { domain: 'u32' },
  'mempolicy.set': { mode: 'u32', nodes: 'u64s' },
  /** sched_setaffinity; an empty mask means every cpu. */
  'affinity.set': { mask: 'u64s' },
  /** chdir without magic links; EACCES may wait for cwd.retry. Fails unless the result lies below the root (CVE-2024-21626). */
  'cwd.set': { path: 'str', later: 'bool' },
  /** Finds the program as execvp would and remembers it; ENOENT and EACCES are told apart. */
  'exec.find': { name: 'str', path: 'str' },
  /** Closes every slot but those to `keep`, and marks every fd from `first` on close-on-exec. */
  'fds.seal': { first: 'u32', keep: 'u32s' },
  /** Reports `ready`. */
  'report.ready': {},
  /** Opens the exec fifo for writing through the private procfs (blocks until `start` reads it) and writes "0"; later failures go into the fifo. */
  'fifo.wait': { slot: 'slot', procfs: 'slot' },
  /** execve of what exec.find found. */
  exec: { args: 'strs', env: 'strs' },
  /** Finds the home directory of `uid` in the container's /etc/passwd, else "/"; exec adds it to the environment as HOME. */
  'home.find': { uid: 'u32' },
  /** From now on every step that ends is reported, until the exec fifo is open. */
  'trace.begin': {},
  /** Fails (EEXIST, `refusal` for the detail) when the namespace in `slot` is the one that the file `own` stands for. */
  'ns.foreign': { slot: 'slot', own: 'str', refusal: 'str' },
  /** Takes the effective user id that a user namespace made next will belong to; the capabilities stay as they are. Not dumpable afterwards. */
  'owner.take': { uid: 'u32' },
  /** Makes what is missing of the working directory (mode 0755), resolved as all paths of the rootfs. What it may not look at is left alone. */
  'cwd.make': { path: 'str' },
  /** cwd.set for one that was refused before the change of user. */
  'cwd.retry': { path: 'str' },
  /** Has RLIMIT_NOFILE leave room for `count` descriptors as far as may be, and its hard limit for `hard`. */
  'descriptors.allow': { count: 'u32', hard: 'u64' },
  /** Sets RLIMIT_NOFILE, or has it `restore` what it was before descriptors.allow. */
  'descriptors.limit': { restore: 'bool', soft: 'u64', hard: 'u64' },
  /** Makes a node of `type` (S_IFCHR, S_IFBLK) in the root of the detached filesystem in `slot`. */
  'node.prepare': { slot: 'slot', name: 'str', type: 'u32', major: 'u32', minor: 'u32', mode: 'u32', uid: 'u32', gid: 'u32' },
  /** Mounts the detached filesystem in `slot` over the rootfs, where paths do not see it: only what is mounted can be cloned. */
  'tree.cover': { slot: 'slot' },
  /** A detached clone, in `slot`, of the file `name` of what tree.cover has mounted from `filesystem`. */
  'tree.cloneFile': { filesystem: 'slot', name: 'str', slot: 'slot' },
  /** Takes away what tree.cover has mounted. */
  'tree.uncover': { slot: 'slot' },
  /** tree.clone of a device node of the runtime's mount namespace; another device than asked for is ENODEV. */
  'tree.cloneDevice': { source: 'str', type: 'u32', major: 'u32', minor: 'u32', slot: 'slot' },
  /** prlimit(2) of a hard limit that is lower than `hard`; the soft one stays. */
  'rlimit.raise': { resource: 'u32', hard: 'u64' },
  /** Makes fd 0 the controlling terminal. */
  'console.control': {},
  /** tree.clone of a path of the rootfs, in its turn among the mounts there. */
  'tree.cloneInside': { path: 'str', recursive: 'bool', slot: 'slot' },
  /** Makes the directory in `slot` the working directory. */
  'directory.enter': { slot: 'slot' },
  /** Has the runtime map the ids of the detached mount in `slot` by the user namespace that it gave for another slot. */
  'tree.mapOutside': { slot: 'slot', userNamespace: 'slot', recursive: 'bool' },
  /** tree.setattr of an attached mount, by mount(2): for Linux before 5.14. The slot is closed unless a later step is to `keep` it. */
  'mount.remount': {
    ...attributeChange,
    recursive: 'bool',
    keep: 'bool',
  },
  /**
   * A tmpfs over the directory `path` of this mount namespace, and in it, by its mount id, a clone of every mount at the rootfs and below that
   * its path leads to; beside them the detached mounts in `directories`, as "directory0" and so on.
   */
  'mounts.stage': { path: 'str', directories: 'u32s' },
  /** Leaves the descriptors in `slots` to the program that is executed next, as `first` and the numbers after it. */
  'descriptors.pass': { slots: 'u32s', first: 'u32' },
  /** ns.clone for a runtime to which the process has another pid than to us: it gets a pidfd as well. */
  'ns.cloneWithin': { flags: 'u32' },
} as const satisfies Record<string, Record<string, FieldType>>;

export type Op = keyof typeof ops;
type Fields<O extends Op> = { readonly [F in keyof (typeof ops)[O]]: FieldValue<Extract<(typeof ops)[O][F], FieldType>> };

/** One operation with its fields. */
export type Action = { [O in Op]: { readonly op: O } & Fields<O> }[Op];

/** The number an operation has in a record. */
export const opNumbers = Object.fromEntries(Object.keys(ops).map((op, index) => [op, index + 1])) as Record<Op, number>;
