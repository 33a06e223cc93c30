import type { Chapter } from './explanation.ts';

export const seccomp = {
  kind: 'failure',
  title: 'Seccomp',
  codes: {
    SECCOMP_CONFLICT: [
      'the same conditions with different actions',
      'nobody could say which holds',
      'two rules for `kill`, one to allow and one to refuse',
      'leave one of the two out',
    ],
    SECCOMP_TOO_LARGE: [
      'the filter is larger than the kernel takes',
      'a program has 4096 instructions at the most',
      'thousands of rules with conditions',
      'put names with one action into one rule; `runts seccomp explain` tells the size',
    ],
    SECCOMP_UNSUPPORTED_MACHINE: [
      'runts has no system call table for this machine',
      'calls have other numbers on each processor',
      'a profile on a processor that runts was not built for',
      'go without `linux.seccomp` there',
    ],
    SECCOMP_MISSING: [
      '`seccomp explain` or `dump` of a bundle without a profile',
      'nothing is filtered, so there is nothing to tell',
      '`runts seccomp dump web` without `linux.seccomp`',
      'add `linux.seccomp`',
    ],
    SYSCALL_UNKNOWN: [
      '`seccomp explain` of a system call that does not exist',
      'a misspelt name, or a call of another processor',
      '`runts seccomp explain web opne`',
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
      '`runts ps web` on a minimal host',
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
