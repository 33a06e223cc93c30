/** Why an assertion of the suite fails that a correct runtime need not pass here. */
export interface Known {
  /** Program of the suite. */
  readonly program: string;
  /** Assertions it concerns; absent: the program itself ends with an error. */
  readonly titles?: RegExp;
  readonly reason: string;
  /** Whether it depends on who is faster. */
  readonly racy?: true;
}

const noController = 'this kernel lacks the cgroup v1 controller: the program expects it';

/** Defects of the suite and limits of the machine that runs it. */
export const known: readonly Known[] = [
  {
    program: 'hooks_stdin',
    titles: /prestart/,
    reason: 'wants the status "created" for prestart hooks; the specification has "creating" in that step',
  },
  {
    program: 'delete',
    titles: /./,
    reason: 'wants an error for `delete` of a created container; runts removes it, as runc and crun do: engines undo a create with it',
  },
  {
    program: 'start',
    titles: /`process` was not set|timeout in waiting/,
    reason: 'the case is inverted: it reports a failure when start is refused without process, as it has to be',
  },
  {
    program: 'process_capabilities_fail',
    reason: 'an unknown capability is a warning since specification 1.1; the program wants the error of 1.0',
  },
  {
    program: 'process_capabilities',
    titles: /CAP_SYS_RESOURCE/,
    reason: 'the machine’s own bounding set lacks CAP_SYS_RESOURCE, which therefore cannot be granted: a warning since specification 1.1',
  },
  {
    program: 'process_rlimits',
    titles: /soft RLIMIT_NOFILE/,
    reason: 'the Go runtime of the program itself raises its soft limit to the hard one',
  },
  {
    program: 'misc_props',
    titles: /unknown annotation key/,
    reason: 'the program forgets to put its /runtimetest into the bundle and then starts it',
  },
  {
    program: 'pidfile',
    titles: /./,
    reason: 'kills a container whose program (`true`) may have ended: kill of a stopped container is an error',
    racy: true,
  },
  {
    program: 'killsig',
    titles: /MUST send the specified signal/,
    reason: 'sends the signal before the shell of the container need have set its trap',
    racy: true,
  },
  {
    program: 'linux_process_apparmor_profile',
    reason: 'the kernel has no AppArmor: an error, as the specification demands',
  },
  { program: 'linux_mount_label', reason: 'the kernel has no SELinux: an error, as the specification demands' },
  { program: 'linux_cgroups_blkio', reason: 'leafWeight went with the CFQ scheduler in Linux 5.0' },
  { program: 'linux_cgroups_relative_blkio', titles: /./, reason: 'leafWeight went with the CFQ scheduler in Linux 5.0' },
  { program: 'linux_cgroups_hugetlb', reason: noController },
  { program: 'linux_cgroups_relative_hugetlb', titles: /./, reason: noController },
  { program: 'linux_cgroups_network', reason: noController },
  { program: 'linux_cgroups_relative_network', titles: /./, reason: noController },
  {
    program: 'linux_cgroups_memory',
    titles: /memory kernel/,
    reason: 'limits of kernel memory have no effect since Linux 6.1: the file keeps its value',
  },
  {
    program: 'linux_cgroups_relative_memory',
    titles: /memory kernel/,
    reason: 'limits of kernel memory have no effect since Linux 6.1: the file keeps its value',
  },
];

/** Programs whose outcome says nothing about a runtime. */
export const silent: Readonly<Record<string, string>> = {
  hooks: 'compares with a text that lacks a word in four lines, so that no runtime can pass; prints no assertion either way',
};

/** What is known about a failure; `title` undefined: the program ended with an error. */
export const reasonFor = (program: string, title: string | undefined): string | undefined =>
  known.find((entry) => entry.program === program && (title === undefined ? !entry.titles : (entry.titles?.test(title) ?? false)))?.reason;

export const isRacy = (program: string): boolean => known.some((entry) => entry.program === program && entry.racy);
