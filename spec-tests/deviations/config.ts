import type { Deviation } from './deviation.ts';

export const config: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'runs the container in the ids of the host',
    why: 'the program would have rights over the host that the mappings were to take away',
    titles: ['LNX-020 mappings without a user namespace', 'LNX-020 mappings of no user namespace'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'takes an absent id of a mapping for 0',
    why: 'the root of the container would be that of the host',
    titles: ['LNX-022 a mapping without'],
  },
  {
    runtimes: ['runc'],
    reason: 'does not look at the major version',
    why: 'what another major version means is not known, a protection neither',
    titles: ['CFG-002 another major version', 'CFG-002 a version of another major'],
  },
  {
    runtimes: ['crun'],
    since: '1.9',
    reason: 'does not look at the major version',
    titles: ['CFG-002 another major version', 'CFG-002 a version of another major'],
  },
  {
    runtimes: ['runc'],
    reason: 'binds the bundle where a bind mount has no source',
    why: 'the container would see, and could change, its own config.json',
    titles: ['CFG-012 a bind mount without source'],
  },
  {
    runtimes: ['runc'],
    reason: 'leaves out a device without path',
    why: 'the program would miss it and nobody would know why',
    titles: ['LNX-031 a device without path'],
  },
  {
    runtimes: ['runc'],
    reason: 'refuses a user namespace without mappings',
    why: 'crun gives it the ids of its caller, and callers count on that',
    titles: ['LNX-020 has the runtime’s own id', 'LNX-020 exec enters it'],
  },
  {
    runtimes: ['crun'],
    reason: 'knows names of properties in their own case only',
    titles: [
      'CFG-095 a whole process',
      'CFG-095 a protection',
      'CFG-095 of two spellings',
      'CFG-095 in the process of exec',
      'CFG-095 exec is in the container',
    ],
  },
  {
    runtimes: ['crun'],
    reason: 'refuses this value',
    titles: [
      'CFG-001 no version',
      'LNX-031 a device whose path is relative',
      'LNX-146 an empty filter',
      'LNX-148 an errno for a default action',
      'LNX-162 an errno for an action',
      'LNX-181 an empty masked path',
    ],
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'refuses this value',
    titles: [
      'LNX-059 a cgroupsPath with ..',
      'LNX-079 letters without meaning',
      'LNX-079 no letter with a meaning in the access',
      'LNX-103 weights of a device without a weight',
    ],
  },
  { runtimes: ['crun'], reason: 'takes an empty read-only path for /', titles: ['LNX-182 an empty read-only path'] },
  { runtimes: ['crun'], reason: 'parses the windows object and misses its members', titles: ['CFG-073'] },
  {
    runtimes: ['crun'],
    before: '1.9',
    reason: 'wants ociVersion to start with 1.0 (1.8.1 refuses newer minors)',
    titles: ['CFG-002 versions of the same major'],
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'does not know domainname and personality',
    titles: ['CFG-071', 'LNX-184'],
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
      'LNX-077 an unknown type',
    ],
  },
];
