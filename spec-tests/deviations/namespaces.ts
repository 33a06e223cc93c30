import type { Deviation } from './deviation.ts';

export const namespaces: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'has no time namespace',
    titles: {
      'LNX-017 a new time': '} does not exist',
      'LNX-017 in a user namespace a new time': '} does not exist',
      'LNX-012': '} does not exist',
      'LNX-026': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    before: '1.9',
    reason: 'creates a time namespace without offsets, or fails',
    titles: {
      'LNX-017 a new time namespace': ['write to sync socket: Connection reset by peer', 'status 255 of '],
      'LNX-012': ['write to sync socket: Connection reset by peer', 'status 255 of '],
      'LNX-026': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'takes a relative namespace path',
    titles: { 'LNX-014': 'expected +0 to be 1' },
  },
  {
    runtimes: ['crun'],
    before: '1.18',
    reason: 'takes the second of two namespaces of a type',
    titles: { 'LNX-019': 'expected +0 to be 1' },
  },
];
