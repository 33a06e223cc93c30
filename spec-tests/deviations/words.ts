import type { Deviation } from './deviation.ts';

export const words: readonly Deviation[] = [
  {
    runtimes: ['crun'],
    reason: 'has words of its own',
    titles: [
      'ENG-001',
      'CLI-023',
      'CLI-028 the words',
      'CLI-015 the words',
      'ENG-003 a directory fails with the words',
      'CLI-006 without systemd',
      'CFG-005 a rootfs that is a file',
    ],
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'has words of its own for a program that is not executable',
    titles: ['ENG-003 a program that is not executable', 'ENG-003 a file that is not executable'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'does not name the limit that stands in the way',
    why: 'the value to change is the one that is named',
    titles: ['LNX-082 a limit too small for create', 'CLI-071 a memory limit above memory plus swap'],
  },
  {
    runtimes: ['runc', 'crun'],
    cgroup: 'v1',
    reason: 'checkBeforeUpdate: the kernel alone refuses the limit, and the words for it are those of cgroup v2 only',
    why: 'one request, one answer',
    titles: ['CLI-072 LNX-090 LNX-091 checkBeforeUpdate'],
  },
  {
    runtimes: ['runc'],
    before: '1.1.8',
    reason: 'prints the environment variable that it refuses',
    titles: ['ENG-014 an environment entry without =', 'CLI-046 CLI-047 --env'],
  },
  {
    runtimes: ['crun'],
    reason: 'says "executable file `x` not found in $PATH"',
    titles: ['ENG-003 "tool" that $PATH', 'ENG-003 "directory" that $PATH', 'ENG-003 "" that $PATH'],
  },
];
