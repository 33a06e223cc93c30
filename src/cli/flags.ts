import type { Flag } from './flag.ts';

/** Flags that stand before the command. */
export const globalFlags = [
  {
    name: 'root',
    type: 'string',
    value: 'DIR',
    description: 'where the state of containers is kept (default: /run/runts, or $XDG_RUNTIME_DIR/runts without root)',
  },
  {
    name: 'sync-state',
    type: 'boolean',
    description: 'wait until the state is on the disk whenever it is written, for a --root that outlives a power cut',
  },
  { name: 'log', type: 'string', value: 'FILE', description: 'append log lines to this file (default: stderr)' },
  { name: 'log-format', type: 'string', value: 'FORMAT', default: 'text', choices: ['text', 'json'], description: 'text or json' },
  {
    name: 'log-level',
    type: 'string',
    value: 'LEVEL',
    choices: ['debug', 'info', 'warning', 'warn', 'error'],
    description: 'what to log: debug, info, warning or error',
  },
  {
    name: 'trace',
    type: 'string',
    value: 'FILE',
    description: "write where the time goes, step by step, as Chrome's trace JSON ($RUNTS_TRACE does the same)",
  },
  { name: 'debug', type: 'boolean', description: 'the same as --log-level debug' },
  { name: 'strict', type: 'boolean', description: 'make errors of warnings, as for CI ($RUNTS_STRICT=1 does the same)' },
  {
    name: 'cgroup-manager',
    type: 'string',
    value: 'NAME',
    default: 'cgroupfs',
    choices: ['cgroupfs', 'systemd', 'disabled'],
    description: 'who makes the cgroups: cgroupfs, systemd or disabled',
  },
  {
    name: 'systemd-cgroup',
    type: 'boolean',
    description: 'the same as --cgroup-manager systemd; cgroupsPath is slice:prefix:name then',
  },
  {
    name: 'allow-annotation',
    type: 'array',
    value: 'NAME',
    description: 'let this annotation (org.systemd.property.…) set what may concern more than the container; may be given several times',
  },
  {
    name: 'rootless',
    type: 'string',
    value: 'WHEN',
    default: 'auto',
    choices: ['true', 'false', 'auto'],
    description: 'accepted for the sake of other runtimes: what a user may do is found out',
  },
  { name: 'criu', type: 'string', value: 'PATH', default: 'criu', hidden: true, description: 'accepted for the sake of other runtimes' },
  { name: 'help', alias: 'h', type: 'boolean', description: 'show help' },
  { name: 'version', alias: 'v', type: 'boolean', description: 'print the version' },
] as const satisfies readonly Flag[];

/** Flags of create and run. */
export const containerFlags = [
  { name: 'bundle', alias: 'b', type: 'string', value: 'DIR', description: 'the bundle directory (default: the current directory)' },
  { name: 'config', alias: 'f', type: 'string', value: 'FILE', description: 'read this file in place of config.json' },
  { name: 'console-socket', type: 'string', value: 'PATH', description: 'unix socket that gets the terminal' },
  { name: 'pidfd-socket', type: 'string', value: 'PATH', description: 'unix socket that gets a pidfd of the first process' },
  { name: 'pid-file', type: 'string', value: 'FILE', description: 'write the process id of the container to a file' },
  { name: 'no-pivot', type: 'boolean', description: 'enter the root filesystem without pivot_root(2), for one on a ramdisk' },
  { name: 'no-new-keyring', type: 'boolean', description: 'keep the session keyring of the caller' },
  { name: 'preserve-fds', type: 'number', value: 'N', default: 0, description: 'pass on N file descriptors after stdio and LISTEN_FDS' },
] as const satisfies readonly Flag[];

/** Flags of exec. */
export const execFlags = [
  { name: 'process', alias: 'p', type: 'string', value: 'FILE', description: 'read the process (JSON, as in config.json) from a file' },
  { name: 'cwd', type: 'string', value: 'DIR', description: 'working directory in the container' },
  { name: 'env', alias: 'e', type: 'array', value: 'NAME=VALUE', description: 'set a variable; may be given several times' },
  { name: 'tty', alias: 't', type: 'boolean', description: 'give the program a terminal' },
  { name: 'user', alias: 'u', type: 'string', value: 'UID[:GID]', description: 'user and group id, as numbers' },
  { name: 'additional-gids', alias: 'g', type: 'array', value: 'GID', description: 'one more group; may be given several times' },
  { name: 'detach', alias: 'd', type: 'boolean', description: 'return as soon as the program runs' },
  { name: 'pid-file', type: 'string', value: 'FILE', description: 'write the process id to a file' },
  { name: 'console-socket', type: 'string', value: 'PATH', description: 'unix socket that gets the terminal' },
  { name: 'pidfd-socket', type: 'string', value: 'PATH', description: 'unix socket that gets a pidfd of the process' },
  { name: 'process-label', type: 'string', value: 'LABEL', description: 'SELinux label' },
  { name: 'apparmor', type: 'string', value: 'PROFILE', description: 'AppArmor profile' },
  { name: 'no-new-privs', type: 'boolean', description: 'set no_new_privs' },
  { name: 'cap', alias: 'c', type: 'array', value: 'CAP', description: 'add a capability; may be given several times' },
  {
    name: 'preserve-fds',
    type: 'number',
    value: 'N',
    default: 0,
    description: 'pass on N file descriptors after stdio and LISTEN_FDS',
  },
  { name: 'cgroup', type: 'array', value: '[CONTROLLER,…:]PATH', description: 'existing cgroup below that of the container' },
  { name: 'ignore-paused', type: 'boolean', description: 'accept a paused container; the program runs once it is resumed' },
] as const satisfies readonly Flag[];

/** Flags of checkpoint and restore alike. */
export const criuFlags = [
  { name: 'image-path', type: 'string', value: 'DIR', description: 'where the images of CRIU lie (default: ./checkpoint)' },
  { name: 'work-path', type: 'string', value: 'DIR', description: 'where CRIU writes its logs' },
  { name: 'tcp-established', type: 'boolean', description: 'allow open TCP connections' },
  { name: 'ext-unix-sk', type: 'boolean', description: 'allow unix sockets that lead outside' },
  { name: 'shell-job', type: 'boolean', description: 'allow a program that was started by a shell' },
  { name: 'lazy-pages', type: 'boolean', description: 'restore memory when it is needed (userfaultfd)' },
  { name: 'file-locks', type: 'boolean', description: 'save and restore file locks' },
  {
    name: 'manage-cgroups-mode',
    type: 'string',
    value: 'MODE',
    default: 'soft',
    choices: ['soft', 'full', 'strict', 'ignore'],
    description: 'soft, full, strict or ignore',
  },
  { name: 'empty-ns', type: 'array', value: 'NAMESPACE', description: 'make this namespace but leave its content alone (network)' },
  { name: 'auto-dedup', type: 'boolean', description: 'free memory images that were written twice' },
] as const satisfies readonly Flag[];

/** Flags of update. Sizes are texts: they may have a suffix or be -1. */
export const resourceFlags = [
  {
    name: 'resources',
    alias: 'r',
    type: 'string',
    value: 'FILE',
    description: 'read linux.resources (JSON) from a file, or from stdin with "-"',
  },
  { name: 'blkio-weight', type: 'string', value: 'N', description: 'block I/O weight, 10 to 1000' },
  { name: 'cpu-period', type: 'string', value: 'N', description: 'CFS period in microseconds' },
  { name: 'cpu-quota', type: 'string', value: 'N', description: 'CFS quota in microseconds, -1 for none' },
  { name: 'cpu-burst', type: 'string', value: 'N', description: 'CFS burst in microseconds' },
  { name: 'cpu-share', type: 'string', value: 'N', description: 'CPU shares' },
  { name: 'cpu-rt-period', type: 'string', value: 'N', description: 'realtime period in microseconds' },
  { name: 'cpu-rt-runtime', type: 'string', value: 'N', description: 'realtime runtime in microseconds' },
  { name: 'cpu-idle', type: 'string', value: '0|1', description: 'run only when a cpu is idle' },
  { name: 'cpuset-cpus', type: 'string', value: 'LIST', description: 'cpus, e.g. 0-3,7' },
  { name: 'cpuset-mems', type: 'string', value: 'LIST', description: 'memory nodes' },
  { name: 'memory', type: 'string', value: 'N', description: 'memory limit in bytes, k/m/g may follow, -1 for none' },
  { name: 'memory-reservation', type: 'string', value: 'N', description: 'soft memory limit' },
  { name: 'memory-swap', type: 'string', value: 'N', description: 'memory and swap together, -1 for none' },
  { name: 'kernel-memory', type: 'string', value: 'N', hidden: true, description: 'accepted and ignored' },
  { name: 'kernel-memory-tcp', type: 'string', value: 'N', hidden: true, description: 'accepted and ignored' },
  { name: 'pids-limit', type: 'string', value: 'N', description: 'number of processes, -1 for any' },
  { name: 'l3-cache-schema', type: 'string', value: 'SCHEMA', description: 'Intel RDT: L3 cache' },
  { name: 'mem-bw-schema', type: 'string', value: 'SCHEMA', description: 'Intel RDT: memory bandwidth' },
] as const satisfies readonly Flag[];
