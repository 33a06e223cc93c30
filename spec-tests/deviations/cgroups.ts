import type { Deviation } from './deviation.ts';

export const cgroups: readonly Deviation[] = [
  { runtimes: ['runc'], before: '1.2', reason: 'does not know cpu.idle', titles: ['LNX-100'] },
  {
    runtimes: ['crun'],
    reason: 'leaves the cgroup when limits cannot be written',
    titles: [
      'LNX-084 swap below',
      'LNX-098 a cpu that',
      'LNX-098 a malformed',
      'LNX-117 unified on cgroup v1',
      'RT-045 RT-018 RT-033 a huge page size',
      'RT-045 RT-018 RT-033 memory nodes',
      'RT-045 RT-018 RT-033 a device that',
    ],
  },
  { runtimes: ['crun'], reason: 'ignores limits of RDMA devices', titles: ['RT-045 RT-018 RT-033 an RDMA'] },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'does not give the cgroup to the user of the container',
    titles: ['LNX-067', 'LNX-072', 'LNX-073'],
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'gives the cgroup to the root of the user namespace, whoever the user of the container is',
    why: 'the specification gives it to the user of the container',
    titles: ['LNX-067', 'LNX-072', 'LNX-073'],
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'cannot mount the cgroup in a user namespace without a cgroup namespace',
    why: 'a bind of the container’s own cgroup serves',
    titles: ['LNX-069'],
  },
  { runtimes: ['crun'], before: '1.28', cgroup: 'v1', reason: 'writes -1 to pids.max', titles: ['LNX-112 -1'] },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'leaves the cgroup when create fails',
    titles: [
      'LNX-016',
      'LNX-015 a path that does not exist',
      'RT-045 RT-018 RT-033 a namespace',
      'LNX-013',
      'LNX-120',
      'CFG-033',
      'CFG-049 a value the kernel refuses',
      'CFG-068 an unmapped',
      'LNX-023',
    ],
  },
];
