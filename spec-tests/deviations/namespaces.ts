import type { Deviation } from './deviation.ts';

export const namespaces: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'has no time namespace',
    titles: ['LNX-017 a new time', 'LNX-012', 'LNX-026'],
  },
  {
    runtimes: ['crun'],
    before: '1.9',
    reason: 'creates a time namespace without offsets, or fails',
    titles: ['LNX-017 a new time', 'LNX-012', 'LNX-026'],
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'wants mappings also for a user namespace that is joined',
    titles: ['LNX-015 joins a user namespace'],
  },
  {
    runtimes: ['crun'],
    reason: 'takes a relative namespace path',
    titles: ['LNX-014'],
  },
  {
    runtimes: ['crun'],
    before: '1.18',
    reason: 'takes the second of two namespaces of a type',
    titles: ['LNX-019'],
  },
];
