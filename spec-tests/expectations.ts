import type { RuntimeKind } from './harness/suite.ts';

/** Tests that a runtime is known not to pass. */
export interface Deviation {
  readonly runtimes: readonly RuntimeKind[];
  readonly reason: string;
  /** Beginnings of titles: the clause id, with as many of the words after it as tell the test from its neighbours. */
  readonly titles: readonly string[];
  /** Only on hosts with this kind of cgroups. */
  readonly cgroup?: 'v1' | 'unified';
  /** The outcome depends on timing or on the host: the test is skipped instead of expected to fail. */
  readonly unstable?: true;
}

/** Versions: runc 1.1.5 and crun 1.8.1 (Debian 12). A newer one may pass more: then the suite says so. */
export const deviations: readonly Deviation[] = [
  {
    runtimes: ['runts'],
    reason: 'follows the specification (RT-058): delete of a created container is refused; runc and crun remove it',
    titles: ['CLI-028 delete of a created container removes it'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'removes a created container, where the specification has an error',
    titles: ['RT-058 delete of a created container is refused'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'wants `process` at create already',
    titles: ['RT-053'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'knows neither process.scheduler nor process.ioPriority (runc 1.2, crun 1.8.6), so it does not refuse wrong values either',
    titles: ['CFG-051', 'CFG-053', 'CFG-058 CFG-059', 'CFG-059', 'CFG-060'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'inherits the CPU affinity of its caller (reset since runc 1.3.1, crun 1.9.2)',
    titles: ['ENG-028'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'sets the umask 0022 when the config has none',
    titles: ['CFG-067 without umask'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'fails when a capability of the list is not in its own bounding set, where the specification has a warning',
    titles: ['CFG-047'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'accepts values that the specification forbids: it does not validate this property',
    titles: [
      'CFG-037',
      'CFG-089',
      'LNX-020 mappings without a user namespace',
      'LNX-030 a missing major',
      'LNX-030 a fileMode above',
      'LNX-079 an unknown access letter',
      'LNX-151',
      'LNX-181 a relative masked path',
      'LNX-182 a relative read-only path',
      'LNX-185',
    ],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'accepts any file that lies where a device should be made',
    titles: ['LNX-032 a regular file'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'cannot work without /proc in the container',
    titles: ['RTL-008'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'accepts / as the state root',
    titles: ['CLI-002 --root /'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'has no or only half a time namespace: runc since 1.2; crun 1.8.1 creates one without offsets or fails',
    titles: ['LNX-017 a new time', 'LNX-012', 'LNX-026'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'runs startContainer hooks after start has returned, so that their failure is not seen',
    titles: ['RT-025', 'CFG-078 a hook of the container'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'a failing poststart hook is a warning (crun) or fails create (runc, which runs it there)',
    titles: ['RT-027'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'exec --process ignores oomScoreAdj',
    titles: ['CLI-043 --process takes', 'CLI-043 credentials'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'does not thaw what the container froze in a cgroup of its own',
    titles: ['CLI-027 CLI-030 what froze itself'],
  },

  { runtimes: ['runc'], reason: 'runs poststart hooks in create', titles: ['CFG-081 to CFG-086'] },
  {
    runtimes: ['crun'],
    reason: 'runs startContainer hooks beside poststart hooks, in any order',
    titles: ['CFG-081 to CFG-086'],
    unstable: true,
  },
  // runc 1.1.5
  { runtimes: ['runc'], reason: 'does not look at ociVersion', titles: ['CFG-001', 'CFG-002 another major version'] },
  { runtimes: ['runc'], reason: 'stops at the first poststop hook that fails', titles: ['RT-031'] },
  { runtimes: ['runc'], reason: 'exec ignores the umask (since 1.2)', titles: ['CFG-067 --process with a umask'] },
  { runtimes: ['runc'], reason: 'passes the signal mask of its caller on', titles: ['CFG-029 signals the caller blocks'] },
  { runtimes: ['runc'], reason: 'does not know seccomp flags (since 1.2)', titles: ['LNX-150 the flags ["'] },
  { runtimes: ['runc'], reason: 'ignores errnoRet of an action that takes none', titles: ['LNX-162 errnoRet with an action'] },
  { runtimes: ['runc'], reason: 'does not know cpu.idle (since 1.2)', titles: ['LNX-100'] },
  { runtimes: ['runc'], reason: 'does not know domainname and personality (since 1.2)', titles: ['CFG-071', 'LNX-184'] },
  {
    runtimes: ['runc'],
    reason: 'wants mappings also for a user namespace that is joined (since 1.2 not)',
    titles: ['LNX-015 joins a user namespace'],
  },
  {
    runtimes: ['runc'],
    reason: 'prints the environment variable that it refuses (until 1.1.8)',
    titles: ['ENG-014 an environment entry without =', 'CLI-046 CLI-047 --env'],
  },
  { runtimes: ['runc'], reason: 'exec --cap panics without a capabilities object', titles: ['ENG-018 has none in exec'] },
  { runtimes: ['runc'], reason: 'passes the option defaults on to the filesystem', titles: ['MNT-004'] },
  {
    runtimes: ['runc'],
    reason: 'gives a tmpfs the mode of the directory below it, whatever the option mode= says',
    titles: ['CFG-016 other options go to the filesystem: mode', 'CFG-018 options of tmpfs'],
  },
  {
    runtimes: ['runc'],
    reason: 'shared does not outlast pivot_root and unbindable cannot be bound (since 1.3.1)',
    titles: ['LNX-177 rootfsPropagation shared', 'LNX-180'],
  },

  // crun 1.8.1
  {
    runtimes: ['crun'],
    reason: 'takes any id that is a file name',
    titles: ['RT-040 the id "a b"', 'RT-040 the id "a:b"', 'RT-040 the id "a\\nb"', 'RT-040 the id "ä"', 'RT-040 the id "a*"'],
  },
  { runtimes: ['crun'], reason: 'parses options as getopt does: one dash starts a cluster of short ones', titles: ['CLI-001'] },
  { runtimes: ['crun'], reason: 'parses the windows object and misses its members', titles: ['CFG-073'] },
  {
    runtimes: ['crun'],
    reason: 'wants ociVersion to start with 1.0 (1.8.1 refuses newer minors)',
    titles: ['CFG-002 versions of the same major'],
  },
  { runtimes: ['crun'], reason: 'writes the pid file in place', titles: ['CLI-017 the pid file replaces'] },
  { runtimes: ['crun'], reason: 'takes a relative pid file from the bundle', titles: ['ENG-031'] },
  { runtimes: ['crun'], reason: 'lacks the option or the command in this version', titles: ['CLI-041', 'CLI-050', 'FEAT-001', 'CLI-005'] },
  { runtimes: ['crun'], reason: 'looks for the program before it sends the terminal', titles: ['ENG-005'] },
  { runtimes: ['crun'], reason: 'prints rootfs as it is in the config', titles: ['CLI-024'] },
  {
    runtimes: ['crun'],
    reason: 'has words of its own',
    titles: ['ENG-001', 'CLI-023', 'CLI-028 the words', 'CLI-015 the words', 'ENG-003 a directory fails with the words'],
  },
  { runtimes: ['crun'], reason: 'exec of an unknown container ends with 1', titles: ['CLI-060 exec in an unknown'] },
  { runtimes: ['crun'], reason: 'tells hooks the status created while it creates', titles: ['RT-006'] },
  {
    runtimes: ['crun'],
    reason: 'gives hooks of the container pid 0',
    titles: ['RT-012', 'CFG-080 createContainer', 'CFG-080 startContainer'],
  },
  { runtimes: ['crun'], reason: 'runs poststop hooks before it removes the state', titles: ['CFG-086'] },
  { runtimes: ['crun'], reason: 'does not run poststop hooks when create fails', titles: ['RT-032'] },
  { runtimes: ['crun'], reason: 'does not catch what a hook writes', titles: ['CLI-003 the error quotes'] },
  { runtimes: ['crun'], reason: 'does not validate hooks', titles: ['CFG-075 a relative path', 'CFG-078 a timeout of 0', 'CFG-074'] },
  {
    runtimes: ['crun'],
    reason: 'ignores signals that it does not know, and knows none in lower case',
    titles: ['CLI-025 signal names may', 'CLI-025 an unknown'],
  },
  {
    runtimes: ['crun'],
    reason: 'exec takes env and cwd from the options alone (env since 1.28), and --cap replaces the set',
    titles: ['CLI-042 the process is in', 'CLI-046', 'CLI-056'],
  },
  {
    runtimes: ['crun'],
    reason: 'takes a relative namespace path, and the second of two namespaces of a type',
    titles: ['LNX-014', 'LNX-019'],
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
  {
    runtimes: ['crun'],
    reason: 'does not validate this property',
    titles: [
      'LNX-177 an unknown',
      'CFG-028 a relative cwd',
      'CFG-030 no arguments',
      'CFG-088',
      'ENG-014 an environment',
      'LNX-030 an unknown type',
      'LNX-077',
    ],
  },
  { runtimes: ['crun'], reason: 'gives calls newer than the profile the errno of the default action', titles: ['ENG-019 bookworm'] },
  {
    runtimes: ['crun'],
    reason: 'leaves the cgroup when limits cannot be written',
    titles: [
      'LNX-084 swap below',
      'LNX-098 a cpu that',
      'LNX-098 a malformed',
      'LNX-117 unified on cgroup v1',
      'RT-045 RT-018 RT-033 a huge page size',
      'RT-045 RT-018 RT-033 memory nodes',
      'RT-045 RT-018 RT-033 a device that',
    ],
  },
  { runtimes: ['crun'], reason: 'ignores limits of RDMA devices', titles: ['RT-045 RT-018 RT-033 an RDMA'] },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'does not give the cgroup to the user of the container',
    titles: ['LNX-067', 'LNX-072', 'LNX-073'],
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'gives the cgroup to the root of the user namespace, whoever the user of the container is',
    titles: ['LNX-067', 'LNX-072', 'LNX-073'],
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'cannot mount the cgroup in a user namespace without a cgroup namespace',
    titles: ['LNX-069'],
  },
  { runtimes: ['crun'], cgroup: 'v1', reason: 'writes -1 to pids.max', titles: ['LNX-112 -1'] },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'leaves the cgroup when create fails',
    titles: [
      'LNX-016',
      'LNX-015 a path that does not exist',
      'RT-045 RT-018 RT-033 a namespace',
      'LNX-013',
      'LNX-120',
      'CFG-033',
      'CFG-049 a value the kernel refuses',
      'CFG-068 an unmapped',
      'LNX-023',
    ],
  },
  { runtimes: ['crun'], reason: 'does not write an oomScoreAdj of 0 (since 1.9)', titles: ['CFG-049 a value of 0'] },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'ignores an AppArmor profile where securityfs is mounted and AppArmor is not there',
    titles: ['CFG-038'],
  },
  { runtimes: ['crun'], reason: 'does not make what a dangling symlink to a directory names', titles: ['CFG-011 symlinks of the rootfs'] },
  { runtimes: ['crun'], reason: 'makes every tmpfs without mode= 1777', titles: ['ENG-023'] },
  { runtimes: ['crun'], reason: 'sets no HOME for an unknown user', titles: ['ENG-013'] },
  { runtimes: ['crun'], reason: 'passes the descriptors of LISTEN_FDS but not the variables', titles: ['CLI-021'] },
  { runtimes: ['crun'], reason: 'read-only paths lose the other flags of their mount', titles: ['LNX-182 flags'] },
  { runtimes: ['crun'], reason: 'ps prints pids alone', titles: ['CLI-064'] },
  { runtimes: ['crun'], reason: 'ignores a console socket without a terminal', titles: ['CLI-015 a console socket without'] },
  { runtimes: ['crun'], reason: 'does not give the first size of the caller’s terminal to the container’s', titles: ['CLI-119'] },
  {
    runtimes: ['crun'],
    reason: 'pauses and resumes in any status, without an error',
    titles: ['CLI-066 a paused or stopped', 'CLI-067 a container that is not paused'],
  },
  {
    runtimes: ['crun'],
    reason: 'shows a created container that is paused as created',
    titles: ['CLI-066 a created container can be paused'],
  },
  {
    runtimes: ['crun'],
    reason: 'has words of its own for a paused container',
    titles: ['CLI-028 a delete that is refused leaves a paused'],
  },
  { runtimes: ['crun'], cgroup: 'v1', reason: 'KILL does not thaw a paused container', titles: ['CLI-025 KILL takes effect on a paused'] },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'does not wait until the cgroup is frozen',
    titles: ['CLI-066 pause holds processes'],
    unstable: true,
  },
];

/** The deviation that applies to a test of this title, if any. */
export function findDeviation(runtime: RuntimeKind, title: string, cgroup: 'v1' | 'unified'): Deviation | undefined {
  return deviations.find(
    (deviation) =>
      deviation.runtimes.includes(runtime) &&
      (deviation.cgroup === undefined || deviation.cgroup === cgroup) &&
      deviation.titles.some((beginning) => title.startsWith(beginning)),
  );
}
