import type { Deviation } from './deviation.ts';

export const devices: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'accepts any file that lies where a device should be made',
    why: 'the program would write into a file and think it a device',
    titles: { 'LNX-032 a regular file': 'expected +0 to be 1' },
  },
  {
    runtimes: ['runc', 'crun'],
    cgroup: 'v1',
    reason: 'fails where the parent cgroup forbids a device that every container may use, though no configuration names it',
    why: "below an engine's container, which has no tun, no other container could be made",
    titles: {
      'LNX-075 what every container may use is left out': [
        'error setting cgroup config for procHooks process: failed to write',
        'write to `devices.allow`: Operation not permitted',
        'writing file `devices.allow`: Operation not permitted',
      ],
    },
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'without device rules, or without one for all devices, what is not named is allowed',
    titles: {
      'LNX-075 without a rule for everything': "expected 'opened\\n' to match /refused/",
      'LNX-065 ENG-016': "expected 'opened\\n2\\nmade\\n' to match /refused\\n2\\nmade\\n$/",
    },
  },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'takes numbers and access of a rule of type "a" as they are, and lets every device be made',
    titles: {
      'LNX-065 ENG-016': 'to match /refused',
      'LNX-077 a rule of type "a"': ["to be 'opened\\n0\\n'", "expected 'opened\\n' to match /refused/"],
      'LNX-075 where everything is allowed': "expected 'opened\\n' to be 'opened\\nnot made\\n'",
    },
  },
];
