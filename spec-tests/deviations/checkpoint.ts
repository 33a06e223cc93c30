import type { Deviation } from './deviation.ts';

export const checkpoint: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    reason: 'the mapped ids of a volume are those of the host after restore',
    why: 'the configuration has mapped them',
    titles: { 'CLI-112 mapped ids of a volume': "expected '7' to be '1007'" },
  },
  {
    runtimes: ['runc'],
    reason: 'the loopback interface is down after restore',
    why: 'runts sets it up at create, whether a hook does or not; a program that listens on it goes on listening',
    titles: { 'CLI-112 its loopback interface': "to contain '127.0.0.1'" },
  },
  {
    runtimes: ['runc'],
    reason: 'CRIU takes the options of the host’s cgroup v2 hierarchy away',
    why: '`nsdelegate` confines whoever is given a cgroup namespace, on the whole host, and nobody has asked for less',
    titles: { 'CLI-094 CLI-112 the options of its cgroup hierarchy': "expected 'rw' to be 'rw,nsdelegate" },
  },
];
