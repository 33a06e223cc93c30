import type { Deviation } from './deviation.ts';

export const words: readonly Deviation[] = [
  {
    runtimes: ['crun'],
    reason: 'has words of its own',
    titles: {
      'ENG-001': 'to match /does not exist/',
      'CLI-023': "to contain 'cannot start an already running conta",
      'CLI-028 the words': 'to match /cannot delete container .* that is no',
      'CLI-015 the words': 'to match /cannot allocate tty if .* will detach',
      'ENG-003 a directory fails with the words': 'to match /is a directory|permission denied/i',
      'CLI-006 without systemd': "to contain 'systemd not running on this host, can",
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'has words of its own',
    titles: {
      'CFG-005 a rootfs that is a file': 'to match /not a directory/i',
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'has words of its own for a program that is not executable',
    titles: {
      'ENG-003 a program that is not executable': 'to match /permission denied/i',
      'ENG-003 a file that is not executable': 'to match /permission denied/i',
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'does not name the limit that stands in the way',
    why: 'the value to change is the one that is named',
    titles: {
      'LNX-082 a limit too small for create': 'to match /memory limit.* 4 KiB/',
      'CLI-071 a memory limit above memory plus swap': ["to contain '100663296'", 'cannot parse the data: `'],
    },
  },
  {
    runtimes: ['runc', 'crun'],
    cgroup: 'v1',
    reason: 'checkBeforeUpdate: the kernel alone refuses the limit, and the words for it are those of cgroup v2 only',
    why: 'one request, one answer',
    titles: { 'CLI-072 LNX-090 LNX-091 checkBeforeUpdate': 'to match /rejecting memory limit' },
  },
  {
    runtimes: ['runc'],
    before: '1.1.8',
    reason: 'prints the environment variable that it refuses',
    titles: {
      'ENG-014 an environment entry without =': 'to match /^(?!.*NOEQUALS)/s',
      'CLI-046 CLI-047 --env': ["to contain 'name cannot be empty'", "to contain 'missing \\'=\\''"],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'says "executable file `x` not found in $PATH"',
    titles: {
      'ENG-003 "tool" that $PATH': ['expected 1 to be 255', 'executable file not fou'],
      'ENG-003 "directory" that $PATH': ['expected 1 to be 255', 'executable file no'],
      'ENG-003 "" that $PATH': ['expected 1 to be 255', 'executable file not found i'],
    },
  },
];
