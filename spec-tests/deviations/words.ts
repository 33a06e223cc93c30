import type { Deviation } from './deviation.ts';

export const words: readonly Deviation[] = [
  {
    runtimes: ['crun'],
    reason: 'has words of its own',
    titles: ['ENG-001', 'CLI-023', 'CLI-028 the words', 'CLI-015 the words', 'ENG-003 a directory fails with the words'],
  },
  {
    runtimes: ['runc'],
    before: '1.1.8',
    reason: 'prints the environment variable that it refuses',
    titles: ['ENG-014 an environment entry without =', 'CLI-046 CLI-047 --env'],
  },
];
