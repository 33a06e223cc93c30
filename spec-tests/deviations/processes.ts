import type { Deviation } from './deviation.ts';

export const processes: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'knows neither process.scheduler nor process.ioPriority, so it does not refuse wrong values either',
    titles: ['CFG-051', 'CFG-053', 'CFG-058 CFG-059', 'CFG-059', 'CFG-060'],
  },
  {
    runtimes: ['crun'],
    before: '1.8.6',
    reason: 'knows neither process.scheduler nor process.ioPriority, so it does not refuse wrong values either',
    titles: ['CFG-051', 'CFG-053', 'CFG-058 CFG-059', 'CFG-059', 'CFG-060'],
  },
  { runtimes: ['runc'], before: '1.3.1', reason: 'inherits the CPU affinity of its caller', titles: ['ENG-028'] },
  { runtimes: ['crun'], before: '1.9.2', reason: 'inherits the CPU affinity of its caller', titles: ['ENG-028'] },
  {
    runtimes: ['runc'],
    reason: 'exec has the umask of its caller when the config has none',
    why: 'the process of exec should be one of the container',
    titles: ['CFG-067 without umask it is 022'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'fails when a capability of the list is not in its own bounding set, where the specification has a warning',
    why: 'so that a runtime with few capabilities can run what engines write',
    titles: ['CFG-047'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'exec --process ignores oomScoreAdj',
    why: 'the file is a process object of the specification',
    titles: ['CLI-043 --process takes', 'CLI-043 credentials'],
  },
  {
    runtimes: ['runc'],
    reason: 'exec --process ignores the umask',
    why: 'the file is a process object of the specification',
    titles: ['CFG-067 --process with a umask'],
  },
  {
    runtimes: ['runc'],
    reason: 'passes the signal mask of its caller on',
    why: 'a program expects signals to reach it',
    titles: ['CFG-029 signals the caller blocks'],
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'exec --cap panics without a capabilities object',
    titles: ['ENG-018 has none in exec'],
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'leaves all capabilities to a process without a capabilities object',
    why: 'to forget an object should not give every privilege; crun gives none either',
    titles: ['ENG-018 has none'],
  },
  {
    runtimes: ['crun'],
    reason: 'exec takes env and cwd from the options alone (env since 1.28), and --cap replaces the set',
    titles: [
      'CLI-042 the process is in',
      'CLI-042 a working directory of the container',
      'CLI-046 CLI-047 --env with',
      'CLI-046 CLI-047 a relative',
      'CLI-056',
    ],
  },
  { runtimes: ['crun'], before: '1.9', reason: 'does not write an oomScoreAdj of 0', titles: ['CFG-049 a value of 0'] },
  {
    runtimes: ['crun'],
    before: '1.28',
    cgroup: 'unified',
    reason: 'ignores an AppArmor profile where securityfs is mounted and AppArmor is not there',
    titles: ['CFG-038 an AppArmor profile on a kernel without'],
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'goes on without an AppArmor profile or a mount label where the host has no such security module',
    why: 'a protection that is asked for is there, or nothing runs; engines write either only where they have found the module',
    titles: ['CFG-038 an AppArmor profile on a kernel without', 'LNX-183 a mount label on a kernel without'],
  },
  {
    runtimes: ['crun'],
    reason: 'exec takes the I/O priority from its process file alone',
    titles: ['CFG-060 the I/O priority holds for exec'],
  },
  { runtimes: ['crun'], before: '1.28', reason: 'sets no HOME for an unknown user', titles: ['ENG-013'] },
];
