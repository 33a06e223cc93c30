import type { Deviation } from './deviation.ts';

export const cgroups: readonly Deviation[] = [
  { runtimes: ['runc'], before: '1.2', reason: 'does not know cpu.idle', titles: { 'LNX-100': "expected '0' to be '1'" } },
  {
    runtimes: ['crun'],
    reason: 'leaves the cgroup when limits cannot be written',
    titles: {
      'LNX-084 swap below': 'to deeply equal []',
      'LNX-098 a cpu that': 'to deeply equal []',
      'LNX-098 a malformed': 'to deeply equal []',
      'LNX-117 unified on cgroup v1': ['to deeply equal []', 'left behind:\ncgroup '],
      'RT-045 RT-018 RT-033 a huge page size': 'to deeply equal []',
      'RT-045 RT-018 RT-033 memory nodes': 'to deeply equal []',
      'RT-045 RT-018 RT-033 a device that': 'to deeply equal []',
    },
  },
  { runtimes: ['crun'], reason: 'ignores limits of RDMA devices', titles: { 'RT-045 RT-018 RT-033 an RDMA': 'expected +0 to be 1' } },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'does not give the cgroup to the user of the container',
    titles: {
      'LNX-067': "to deeply equal [ '.', 'cgroup.procs",
      'LNX-072': "to deeply equal [ '.', 'cgroup.procs",
      'LNX-073': "to deeply equal [ '.', 'cgroup.procs",
    },
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'gives the cgroup to the root of the user namespace, whoever the user of the container is',
    why: 'the specification gives it to the user of the container',
    titles: {
      'LNX-067': "to deeply equal [ '.', 'cgroup.procs",
      'LNX-072': "to deeply equal [ '.', 'cgroup.procs",
      'LNX-073': "to deeply equal [ '.', 'cgroup.procs",
    },
  },
  {
    runtimes: ['runc'],
    before: '1.3.6',
    cgroup: 'unified',
    reason: 'cannot mount the cgroup in a user namespace without a cgroup namespace',
    why: 'a bind of the container’s own cgroup serves',
    titles: { 'LNX-069': 'operation not permitted' },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    cgroup: 'v1',
    reason: 'writes -1 to pids.max',
    titles: { 'LNX-112 -1': 'writing file `pids.max`: Invalid argument' },
  },
  {
    runtimes: ['crun'],
    cgroup: 'unified',
    reason: 'leaves the cgroup when create fails',
    titles: {
      'LNX-016': 'expected [ Array(1) ] to deeply equal []',
      'LNX-015 a path that does not exist': 'expected [ Array(1) ] to deeply equal []',
      'RT-045 RT-018 RT-033 a namespace': 'expected [ Array(1) ] to deeply equal []',
      'LNX-013': 'to deeply equal []',
      'LNX-120': 'expected [ Array(1) ] to deeply equal []',
      'CFG-033': 'expected [ Array(1) ] to deeply equal []',
      'CFG-049 a value the kernel refuses': 'expected [ Array(1) ] to deeply equal []',
      'CFG-068 an unmapped': 'nothing is left',
      'LNX-023': 'nothing is left',
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    cgroup: 'unified',
    reason: 'leaves the cgroup when create fails',
    titles: { 'LNX-019': 'to deeply equal []', 'LNX-026': 'left behind:\ncgroup ' },
  },
];
