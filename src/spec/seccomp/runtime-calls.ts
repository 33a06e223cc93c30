/**
 * What runtimes call themselves between the moment when the filter holds and execve(2): runc, crun and this one, as traced. A profile without
 * these would let no container begin. Who starts nobody else's program needs little of it otherwise, and nothing of it is worth attacking.
 */
const always = [
  'close',
  'close_range',
  'execve',
  'exit',
  'exit_group',
  'fcntl',
  'fstat',
  'fstatfs',
  'getdents64',
  'mmap',
  'munmap',
  'openat',
  'openat2',
  'read',
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigreturn',
  'statx',
  'write',
];

/** Of the threads of Go, which may be scheduled, started and collected at any time: an error would be the end of runc. */
const threads = [
  'clone',
  'clone3',
  'epoll_ctl',
  'epoll_pwait',
  'futex',
  'getpid',
  'gettid',
  'madvise',
  'mprotect',
  'nanosleep',
  'rseq',
  'sched_getaffinity',
  'sched_yield',
  'set_robust_list',
  'sigaltstack',
  'tgkill',
];

/** Without noNewPrivileges the filter has to hold while there is still a right to load it: before ids and capabilities are set. */
const credentials = [
  'capget',
  'capset',
  'chdir',
  'faccessat2',
  'fchown',
  'getcwd',
  'getppid',
  'newfstatat',
  'prctl',
  'setgid',
  'setgroups',
  'setresgid',
  'setresuid',
  'setuid',
];

/**
 * What a run need not show: the kernel takes up a sleep again that somebody has stopped, and the clock is read without a call (vdso(7)), but not
 * on every machine.
 */
const unseen = ['clock_getres', 'clock_gettime', 'clock_gettime64', 'getcpu', 'gettimeofday', 'restart_syscall', 'time'];

/** Names of the system calls that a profile permits whatever was recorded: what a run may need beside that, and what a runtime needs under a container's filter. */
export const runtimeCalls = (noNewPrivileges: boolean): readonly string[] => [
  ...always,
  ...threads,
  ...unseen,
  ...(noNewPrivileges ? [] : credentials),
];
