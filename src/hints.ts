/** What is known of a failure when a hint is looked for. */
export interface Failure {
  /** Operation of the step that failed. */
  readonly op: string;
  /** Symbolic errno. */
  readonly errno: string;
  /** Filesystem type, or what else tells steps of one operation apart. */
  readonly type?: string;
}

interface Rule extends Partial<Failure> {
  readonly hint: string;
}

/** What is done by calls that every kernel has on which runts runs: of 5.2 (open_tree, fsopen, move_mount), 5.6 (openat2), and 5.12 (mount_setattr) where mount(2) does not do. */
const byNewCalls = [
  ...[
    'fs.mount',
    'fs.reconfigure',
    'path.mask',
    'path.readonly',
    'root.setattr',
    'rootfs.attach',
    'rootfs.open',
    'tree.attach',
    'tree.clone',
  ],
  ...['tree.cloneDevice', 'tree.cloneFile', 'tree.cloneInside', 'tree.cover', 'tree.mapOutside', 'tree.setattr'],
];

/** First match wins; what a rule does not name is not looked at. */
const rules: readonly Rule[] = [
  {
    op: 'fs.mount',
    errno: 'ENODEV',
    hint: 'this kernel does not know the filesystem type: see /proc/filesystems; a bind mount needs "bind" or "rbind" among its options',
  },
  {
    op: 'fs.mount',
    errno: 'EPERM',
    type: 'proc',
    hint: 'a user namespace can mount proc only of a pid namespace that belongs to it, and only where it sees a proc that nothing covers: give an outer container --security-opt unmask=ALL (of Podman), --security-opt systempaths=unconfined (of Docker) or procMount: Unmasked (of Kubernetes)',
  },
  {
    op: 'fs.mount',
    errno: 'EPERM',
    type: 'mqueue',
    hint: 'mqueue shows the ipc namespace: in a user namespace it can be mounted only for one that belongs to it; add {"type": "ipc"} to linux.namespaces',
  },
  {
    op: 'fs.mount',
    errno: 'EPERM',
    type: 'sysfs',
    hint: 'sysfs shows the network namespace: in a user namespace it can be mounted only for one that belongs to it; bind /sys (rbind, ro) in its place',
  },
  {
    op: 'fs.mount',
    errno: 'EPERM',
    type: 'cgroup2',
    hint: 'in a user namespace it takes a cgroup namespace that belongs to it: add {"type": "cgroup"} to linux.namespaces',
  },
  {
    op: 'fs.mount',
    errno: 'EPERM',
    hint: 'in a user namespace the kernel mounts few types of filesystems, such as tmpfs, devpts, overlay and fuse: mount it outside, and bind it',
  },
  {
    op: 'fs.mount',
    errno: 'EINVAL',
    type: 'devpts',
    hint: 'if it is about gid=: a user namespace has only the groups that are mapped into it: leave gid= out, or map that group (/proc/self/gid_map has those of the runtime)',
  },
  {
    op: 'fs.mountLegacy',
    errno: 'EINVAL',
    type: 'overlay',
    hint: 'overlay needs lowerdir=, and to be writable upperdir= and workdir= on one mount; the kernel log says more',
  },
  { op: 'fs.mountLegacy', errno: 'ENODEV', hint: 'this kernel does not know the filesystem type: see /proc/filesystems' },
  { op: 'tree.clone', errno: 'ENOENT', hint: 'the source of a bind mount has to exist on the host' },
  {
    op: 'tree.cloneInside',
    errno: 'ENOENT',
    hint: 'a source in the rootfs has to exist there, or in what an earlier entry of mounts has put there',
  },
  {
    op: 'tree.clone',
    errno: 'EPERM',
    hint: 'it takes CAP_SYS_ADMIN in the user namespace that the mount namespace belongs to: be root, or root of a user namespace that was made together with a mount namespace, as Podman makes them for a user',
  },
  {
    op: 'tree.clone',
    errno: 'EACCES',
    hint: "it is opened by root of the container's user namespace, who is to the kernel the user that he is mapped to: that one has to be let into every directory on the way (namei -l shows them)",
  },
  {
    op: 'tree.cloneDevice',
    errno: 'ENOENT',
    hint: 'nobody can make device nodes in a user namespace, so that those of the host are bound: this one has to be there',
  },
  {
    op: 'tree.cloneDevice',
    errno: 'ENODEV',
    hint: 'nobody can make device nodes in a user namespace, so that those of the host are bound: give the numbers that the one at this path has',
  },
  { op: 'tree.clone', errno: 'EINVAL', hint: 'an unbindable mount cannot be the source of a bind mount' },
  {
    op: 'tree.attach',
    errno: 'EROFS',
    hint: 'the destination is missing and cannot be made: make it in the rootfs, or mount something writable over its parent',
  },
  { op: 'tree.attach', errno: 'ELOOP', type: 'no symlinks', hint: '/proc and /sys of a rootfs have to be real directories' },
  { op: 'tree.attach', errno: 'ENOTDIR', type: 'no symlinks', hint: '/proc and /sys of a rootfs have to be real directories' },
  {
    op: 'tree.attach',
    errno: 'ELOOP',
    hint: 'look at the symlinks of the rootfs on the way there: one leads back to itself, or on through a link of procfs',
  },
  { op: 'tree.attach', errno: 'EPERM', hint: 'nothing may be mounted inside /proc' },
  {
    op: 'tree.attach',
    errno: 'EACCES',
    hint: 'root of the user namespace may not write here: give the rootfs to the host id that container id 0 is mapped to',
  },
  {
    op: 'tree.copyUp',
    errno: 'EINVAL',
    hint: 'a file there belongs to somebody who has no id in the user namespace: give it to one who has, or map his id',
  },
  { op: 'node.make', errno: 'EEXIST', hint: 'remove the file from the rootfs, or mount a tmpfs on /dev' },
  { op: 'rlimit.set', errno: 'EPERM', hint: 'raising a hard limit needs CAP_SYS_RESOURCE' },
  {
    op: 'descriptors.allow',
    errno: 'EPERM',
    hint: 'raising a hard limit needs CAP_SYS_RESOURCE outside of any user namespace: ask for no more than `ulimit -Hn` shows, or raise it for the user in limits.conf(5)',
  },
  {
    op: 'rlimit.raise',
    errno: 'EPERM',
    hint: 'raising a hard limit needs CAP_SYS_RESOURCE outside of any user namespace: ask for no more than `ulimit -H` shows, or raise it for the user in limits.conf(5)',
  },
  { op: 'caps.set', errno: 'EPERM', hint: 'the runtime itself lacks one of these capabilities' },
  { op: 'user.set', errno: 'EINVAL', hint: 'the id is not mapped into the user namespace' },
  { op: 'procfs.write', errno: 'ENOENT', type: 'sysctl', hint: 'this kernel has no such parameter' },
  {
    op: 'procfs.write',
    errno: 'EINVAL',
    type: 'groups',
    hint: 'both ends have to be groups that the user namespace has: "0 0" is for root alone, or map more in linux.gidMappings',
  },
  {
    op: 'procfs.write',
    errno: 'ENOENT',
    type: 'apparmor',
    hint: 'the profile is not loaded: apparmor_parser loads one, /sys/kernel/security/apparmor/profiles lists them',
  },
  { op: 'procfs.write', errno: 'EINVAL', type: 'selinux', hint: 'the policy that is loaded knows no such context' },
  {
    op: 'scheduler.set',
    errno: 'EPERM',
    type: 'deadline',
    hint: "it takes CAP_SYS_NICE and all cpus of the machine: process scheduler can't be used together with AllowedCPUs (cpu.cpus, also of a cgroup above)",
  },
  {
    op: 'scheduler.set',
    errno: 'EPERM',
    hint: 'it takes CAP_SYS_NICE outside of any user namespace, or limits of the user that allow it: RLIMIT_RTPRIO, RLIMIT_NICE',
  },
  { op: 'cwd.set', errno: 'ENOTDIR', hint: 'process.cwd has to be a directory of the container' },
  {
    op: 'root.pivot',
    errno: 'EINVAL',
    hint: 'where the root of the host is an initramfs nothing can be pivoted: use --no-pivot (DOCKER_RAMDISK=1 in the environment of dockerd, no_pivot_root = true in the runtime options of containerd, no_pivot_root = true in containers.conf of Podman)',
  },
  {
    op: 'root.pivot',
    errno: 'EPERM',
    hint: 'a seccomp filter around runts forbids pivot_root(2), as that of Docker does whatever capabilities are given: use --no-pivot, or give the outer container --security-opt seccomp=unconfined',
  },
  {
    op: 'keyring.join',
    errno: 'EPERM',
    hint: 'a seccomp filter around runts forbids keyctl(2), as that of Docker does whatever capabilities are given: --no-new-keyring leaves the container the keyring of its caller',
  },
  {
    op: 'loopback.up',
    errno: 'EPERM',
    hint: 'a network namespace takes CAP_NET_ADMIN: give it to the outer container (--cap-add NET_ADMIN), or leave {"type": "network"} out of linux.namespaces',
  },
  { op: 'ns.foreign', errno: 'EEXIST', hint: 'the path of the namespace leads to the one that the runtime itself is in' },
  {
    op: 'ns.open',
    errno: 'EACCES',
    hint: 'only root and the user of a process may open its namespaces: give the path of a namespace of your own',
  },
  ...['ns.unshare', 'ns.clone'].map((op) => ({
    op,
    errno: 'ENOSPC',
    hint: 'a limit of /proc/sys/user/max_*_namespaces is reached: raise it, here and in the user namespaces above (sysctl user.max_net_namespaces=…)',
  })),
  ...byNewCalls.map((op) => ({
    op,
    errno: 'ENOSYS',
    hint: 'runts needs Linux 5.10 or later: this kernel is older, or a seccomp filter around runts hides the call (--security-opt seccomp=unconfined of the outer container takes it away)',
  })),
];

/** How to mend a failure, where that is known. */
export function hintFor(failure: Failure): string | undefined {
  return rules.find((rule) => (['op', 'errno', 'type'] as const).every((key) => rule[key] === undefined || rule[key] === failure[key]))
    ?.hint;
}
