import type { Deviation } from './deviation.ts';

export const devices: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'accepts any file that lies where a device should be made',
    titles: ['LNX-032 a regular file'],
  },
];
