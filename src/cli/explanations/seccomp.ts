import type { Chapter } from './explanation.ts';

export const seccomp = {
  kind: 'failure',
  title: 'Seccomp',
  codes: {
    SECCOMP_CONFLICT: [
      'the same conditions with different actions',
      'nobody could say which holds',
      '`"syscalls": [{"names": ["kill"], "action": "SCMP_ACT_KILL", "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}, {"names": ["kill"], "action": "SCMP_ACT_LOG", "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}]`',
      'leave one of the two out',
    ],
    SECCOMP_TOO_LARGE: [
      'the filter is larger than the kernel takes',
      'a program has 4096 instructions at the most',
      '`jq \'.linux.seccomp.syscalls = [range(5000) | {names: ["kill"], action: "SCMP_ACT_LOG", args: [{index: 1, value: ., op: "SCMP_CMP_EQ"}]}]\' config.json >large.json; runts create --config large.json web`',
      'put names with one action into one rule; `runts seccomp explain` tells the size',
    ],
    SECCOMP_UNSUPPORTED_MACHINE: [
      'runts has no system call table for this machine',
      'calls have other numbers on each processor',
      'a profile on a processor that runts was not built for',
      'go without `linux.seccomp` there',
    ],
    SECCOMP_MISSING: [
      '`seccomp explain`, `dump` or `compare` of a bundle without a profile',
      'nothing is filtered, so there is nothing to tell',
      '`runts seccomp dump` in a bundle without `linux.seccomp`',
      'add `linux.seccomp`',
    ],
    SECCOMP_PROFILE_UNUSABLE: [
      'a file of `seccomp record` or `seccomp compare` cannot be read or written, or is not what it should be',
      'a profile has the form of `linux.seccomp`; the one that Docker and Podman read hangs on capabilities',
      '`runts seccomp compare seccomp.json .` before anything was recorded',
      'compare with the bundle that the engine has made, or merge only what `seccomp record` has written',
    ],
    SECCOMP_UNRECORDABLE: [
      'system calls cannot be recorded under the profile that the bundle has',
      'a tracer would have to know what an agent or another tracer does, or what a profile that refuses by default cannot say',
      '`runts seccomp record web` with `"syscalls": [{"names": ["kill"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 9, "op": "SCMP_CMP_EQ"}]}]` where the default is `SCMP_ACT_ALLOW`; or `SCMP_ACT_NOTIFY` in a rule',
      'record without `linux.seccomp`, by a copy of config.json and `--config`',
    ],
    SECCOMP_RECORDING_FAILED: [
      'the system calls of a container could not be recorded to the end',
      'the process that traces the container may not, or was killed; the container ends with it, and no profile is written',
      '`kernel.yama.ptrace_scope` is 3, or runts has no CAP_SYS_PTRACE',
      'record where ptrace(2) is allowed, and again',
    ],
    SYSCALL_UNKNOWN: [
      '`seccomp explain` of a system call that does not exist',
      'a misspelt name, or a call of another processor',
      '`runts seccomp explain . opne`',
      'syscalls(2) lists the names',
    ],
  },
} as const satisfies Chapter;

export const ps = {
  kind: 'failure',
  title: 'ps',
  codes: {
    PS_NOT_FOUND: [
      'ps(1) is not installed',
      'it is looked for in /bin and /usr/bin',
      "`unshare --mount sh -c 'mount --bind rootfs/bin /bin; runts ps web'` without ps in `rootfs/bin`",
      'install procps or busybox, or use `--format json`',
    ],
    PS_FAILED: ['ps(1) failed', 'options that it does not know', '`runts ps web --nonsense`', 'see ps(1)'],
    PS_NO_PID: [
      'the output of ps(1) has no column PID',
      'lines are found by their process id',
      '`runts ps web -o args`',
      'add the column: `-o pid,args`',
    ],
  },
} as const satisfies Chapter;
