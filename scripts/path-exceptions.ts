// Calls that take a path and may (scripts/path-calls.ts), each with the reason why it is no path of a rootfs that somebody else may change.

const host = 'a path of the host, from config.json or the runtime, before the root is changed';
const ownProcfs = 'a descriptor of ours, by a procfs that is ours';
const program =
  'the program of the container, by the path that execve(2) itself will take, with the rights of its user and nothing of ours open but what is sealed';
const mountPoint = 'a mount point of the host as mountinfo names it, in our own mount namespace, which nobody else changes';
const stateDirectory = 'a directory of the container’s state, or of shared memory, whose path only root may change';
const detached = 'the copy that tmpcopyup makes, in a detached mount that nobody else reaches';

/** `FILE CALL` as the lint writes it → why it may be there. */
export const pathExceptions: Readonly<Record<string, string>> = {
  'native/init/attributes.cc mount(nullptr, link.c_str(), nullptr, flags, nullptr)': ownProcfs,
  'native/init/copied_file.cc fchmodat(parent, name, status.stx_mode & 07777u)': detached,
  'native/init/copyup.cc linkat(top_, copied, to_.get(), name, 0)': detached,
  'native/init/devices.cc fchmodat(context.slots[slots::procfs], link.c_str(), mode)': ownProcfs,
  'native/init/devices.cc open_tree(AT_FDCWD, op.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW)': host,
  'native/init/exec.cc execve(context.executable.c_str(), arguments, environment)': program,
  'native/init/exec.cc faccessat(AT_FDCWD, path, X_OK)': program,
  'native/init/exec.cc faccessat2(AT_FDCWD, path, X_OK, AT_EACCESS)': program,
  'native/init/exec.cc openat(procfs, path.c_str(), O_WRONLY | O_CLOEXEC)': ownProcfs,
  'native/init/hooks.cc execve(op.path.c_str(), arguments, environment)':
    'a hook, which the caller has chosen; everything of ours is closed',
  'native/init/mode.h newfstatat(dir, path, &status, flags)': program,
  'native/init/mounts.cc mount(op.source.c_str(), ".", op.type.c_str(), op.flags, data)': host,
  'native/init/mounts.cc mount(op.source.c_str(), link.c_str(), op.type.c_str(), op.flags, data)':
    'the target by /proc/self/fd of the host, which has been compared with the descriptor',
  'native/init/mounts.cc statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_MNT_ID, &found)': 'that comparison',
  'native/init/namespaces.cc openat(AT_FDCWD, op.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)': host,
  'native/init/namespaces.cc openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC)': 'a constant: /proc/self/timens_offsets of the host',
  'native/init/namespaces.cc statx(AT_FDCWD, op.own.c_str(), 0, STATX_INO, &own)': host,
  'native/init/procfs.cc openat2(context.slots[op.slot], op.path.c_str(), &how)':
    'a file of the procfs that is ours, beneath it and without magic links, and looked at before it is written',
  'native/init/program.cc openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)': program,
  'native/init/program.cc readlinkat(AT_FDCWD, path, target, sizeof(target))': program,
  'native/init/program.cc statfs(path, &filesystem)': program,
  'native/init/rootfs.cc mount("tmpfs", path.c_str(), "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0k")': mountPoint,
  'native/init/rootfs.cc mount(nullptr, path.c_str(), nullptr, MS_SLAVE | MS_REC, nullptr)': mountPoint,
  'native/init/rootfs.cc openat(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)':
    'the rootfs itself, of which only the bundle’s owner may change the path, or a constant',
  'native/init/rootfs.cc umount2(path.c_str(), MNT_DETACH)': mountPoint,
  'native/init/staging.cc mount("tmpfs", op.path.c_str(), "tmpfs", MS_NOSUID, "mode=711")': stateDirectory,
  'native/init/staging.cc openat(AT_FDCWD, op.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)': stateDirectory,
  'native/init/staging.cc openat(stage, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)':
    'a file of the tmpfs that is ours alone',
  'native/init/status.cc readlinkat(AT_FDCWD, link.c_str(), path, sizeof(path))': 'the name of a descriptor of ours, by /proc of the host',
  'native/init/trees.cc open_tree(AT_FDCWD, op.source.c_str(), flags)': host,
};

interface RuntimePaths {
  readonly calls: readonly string[];
  readonly because: string;
}

/** Files of the addon → the functions with which they resolve paths. All are of the host: the runtime never looks into a rootfs. */
export const runtimePaths: Readonly<Record<string, RuntimePaths>> = {
  'native/addon/bpf.cc': { calls: ['open'], because: 'a cgroup, of whose devices a program is to judge' },
  'native/addon/datagrams.cc': { calls: ['chmod'], because: 'the socket beside state.json that NOTIFY_SOCKET names' },
  'native/addon/descriptors.cc': { calls: ['open'], because: 'what TypeScript opens for others: fifos, streams, namespaces' },
  'native/addon/files.cc': {
    calls: ['open', 'unlink', 'rename'],
    because: 'files of the state directory, of cgroups, of proc and of the bundle',
  },
  'native/addon/lock.cc': { calls: ['lstat'], because: 'whether a lock is still the one of that name' },
  'native/addon/netdevice.cc': { calls: ['open'], because: 'network namespaces' },
  'native/addon/paths.cc': {
    calls: ['mkdir', 'rmdir', 'unlink', 'rename', 'fstatat', 'opendir', 'readlink', 'realpath', 'chmod', 'chown', 'umount2', 'statfs'],
    because: 'what TypeScript asks of the state directory, of cgroups, of proc and of the bundle',
  },
  'native/addon/process.cc': { calls: ['open'], because: 'files of proc' },
  'native/addon/pump.cc': { calls: ['open'], because: 'a stream of the caller opened anew, so that it does not block for others' },
  'native/addon/recorder.cc': { calls: ['open'], because: 'files of proc' },
  'native/addon/run_process.cc': { calls: ['chdir', 'execve'], because: 'hooks and other programs of the host' },
  'native/addon/socket_address.cc': { calls: ['open'], because: 'the directory of a socket whose path is too long' },
  'native/addon/spawn.cc': { calls: ['execve'], because: 'the image of init, a descriptor of ours, by the procfs of the runtime' },
  'native/addon/trees.cc': {
    calls: ['open', 'openat', 'fstatat', 'unlinkat', 'rmdir'],
    because: 'trees of cgroups, name by name below the directory of one',
  },
  'native/addon/user_namespace.cc': { calls: ['open'], because: 'id maps of a process of ours' },
};
