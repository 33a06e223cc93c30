import type { Deviation } from './deviation.ts';

export const seccomp: readonly Deviation[] = [
  { runtimes: ['runc'], before: '1.2', reason: 'does not know seccomp flags', titles: ['LNX-150 the flags ["'] },
  { runtimes: ['runc'], reason: 'ignores errnoRet of an action that takes none', titles: ['LNX-162 errnoRet with an action'] },
  { runtimes: ['crun'], reason: 'gives calls newer than the profile the errno of the default action', titles: ['ENG-019 bookworm'] },
];
