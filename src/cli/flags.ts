import type { Flag } from './flag.ts';

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
