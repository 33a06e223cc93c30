import type { Deviation } from './deviation.ts';

export const processes: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'knows neither process.scheduler nor process.ioPriority, so it does not refuse wrong values either',
    titles: {
      'CFG-051': ['expected +0 to be 1', 'to match object { policy: 3, nice: 5 }'],
      'CFG-053': { unproved: 'the test wants a user in the root cgroup, which the recording machine had not' },
      'CFG-058 CFG-059': 'expected { class: +0, level: +0 } to deeply equal { class: 2, level: 6 }',
      'CFG-059 a level above': 'expected +0 to be 1',
      'CFG-059 an unknown class': 'expected +0 to be 1',
      'CFG-060': 'to match object { ioPriority: { class: 3 } }',
    },
  },
  {
    runtimes: ['crun'],
    before: '1.8.6',
    reason: 'knows neither process.scheduler nor process.ioPriority, so it does not refuse wrong values either',
    titles: {
      'CFG-051': ['expected +0 to be 1', 'to match object { policy: 3, nice: 5 }'],
      'CFG-053': { unproved: 'the test wants a user in the root cgroup, which the recording machine had not' },
      'CFG-058 CFG-059': 'expected { class: +0, level: +0 } to deeply equal { class: 2, level: 6 }',
      'CFG-059 a level above': 'expected +0 to be 1',
      'CFG-059 an unknown class': 'expected +0 to be 1',
      'CFG-060': 'to match object { ioPriority: { class: 3 } }',
    },
  },
  {
    runtimes: ['runc'],
    before: '1.3.1',
    reason: 'inherits the CPU affinity of its caller',
    titles: { 'ENG-028': 'expected 1 to be greater than 1' },
  },
  {
    runtimes: ['crun'],
    before: '1.9.2',
    reason: 'inherits the CPU affinity of its caller',
    titles: { 'ENG-028': 'expected 1 to be greater than 1' },
  },
  {
    runtimes: ['runc'],
    reason: 'exec has the umask of its caller when the config has none',
    why: 'the process of exec should be one of the container',
    titles: { 'CFG-067 without umask it is 022': 'to match object { umask: 18 }' },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'fails when a capability of the list is not in its own bounding set, where the specification has a warning',
    why: 'so that a runtime with few capabilities can run what engines write',
    titles: {
      'CFG-047 a capability the runtime does not have': [
        "unable to apply caps: can't apply capabilities: operation not permitted",
        'capset: Operation not permitted',
        'unable to apply caps: operation not permitted',
      ],
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'exec --process ignores oomScoreAdj',
    why: 'the file is a process object of the specification',
    titles: {
      'CLI-043 --process takes': 'to match object { Object (cwd, uids, ...) }',
      'CLI-043 credentials': 'to match object { uids: [',
    },
  },
  {
    runtimes: ['runc'],
    reason: 'exec --process ignores the umask',
    why: 'the file is a process object of the specification',
    titles: { 'CFG-067 --process with a umask': 'to match object { umask: 23 }' },
  },
  {
    runtimes: ['runc'],
    reason: 'passes the signal mask of its caller on',
    why: 'a program expects signals to reach it',
    titles: { 'CFG-029 signals the caller blocks': 'to match object { blocked: [], ignored: [] }' },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'exec --cap panics without a capabilities object',
    titles: { 'ENG-018 has none in exec': '\tgithub.com/opencontainers/runc/main.go' },
  },
  {
    runtimes: ['runc'],
    since: '1.2',
    reason: 'leaves all capabilities to a process without a capabilities object',
    why: 'to forget an object should not give every privilege; crun gives none either',
    titles: { 'ENG-018 has none': "to deeply equal { bounding: '0', permitted: '0" },
  },
  {
    runtimes: ['crun'],
    reason: 'exec takes env and cwd from the options alone (env since 1.28), and --cap replaces the set',
    titles: {
      'CLI-042 the process is in': "to match object { cwd: '/tmp",
      'CLI-042 a working directory of the container': 'to match /chdir to cwd \\(.*\\/no',
      'CLI-046 CLI-047 --env with': ['expected +0 to be 255', "to contain 'name cannot be empty'", "to contain 'missing \\'=\\''"],
      'CLI-046 CLI-047 a relative': 'expected +0 to be 255',
      'CLI-056': "to deeply equal { effective: '14e1",
    },
  },
  {
    runtimes: ['crun'],
    before: '1.9',
    reason: 'does not write an oomScoreAdj of 0',
    titles: { 'CFG-049 a value of 0': { unproved: 'the test wants CAP_SYS_RESOURCE, which the recording machine had not' } },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    cgroup: 'unified',
    reason: 'ignores an AppArmor profile where securityfs is mounted and AppArmor is not there',
    titles: { 'CFG-038 an AppArmor profile on a kernel without': 'expected +0 not to be +0' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'goes on without an AppArmor profile or a mount label where the host has no such security module',
    why: 'a protection that is asked for is there, or nothing runs; engines write either only where they have found the module',
    titles: {
      'CFG-038 an AppArmor profile on a kernel without': 'expected +0 not to be +0',
      'LNX-183 a mount label on a kernel without': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'exec takes the I/O priority from its process file alone',
    titles: { 'CFG-060 the I/O priority holds for exec': 'to match object { ioPriority: { class: 3 } }' },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'sets no HOME for an unknown user',
    titles: { 'ENG-013': "expected undefined to be 'HOME=/'" },
  },
];
