import type { Deviation } from './deviation.ts';

export const config: readonly Deviation[] = [
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
      'LNX-169 listenerMetadata',
      'LNX-181 a relative masked path',
      'LNX-182 a relative read-only path',
      'LNX-185',
    ],
  },
  { runtimes: ['runc'], reason: 'does not look at ociVersion', titles: ['CFG-001', 'CFG-002 another major version'] },
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
