import type { Deviation } from './deviation.ts';

export const update: readonly Deviation[] = [
  {
    runtimes: ['crun'],
    reason: 'update takes numbers in any base, what is no number for 0, and what is no object for nothing',
    titles: {
      'CLI-071 are read as runc': ['cannot parse the data: `', "' to be '"],
      'CLI-071 what is no object': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'update takes numbers in any base, what is no number for 0, and what is no object for nothing',
    titles: {
      'CLI-071 numbers that runc': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['runc'],
    cgroup: 'v1',
    reason: 'update ignores device rules',
    why: 'what the file says is done, or refused',
    titles: { 'CLI-071 devices stay unless': "not to contain '10:229'" },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'update that fails leaves the throttles that were written before',
    why: 'an update is done wholly or not at all',
    titles: { 'CLI-072 throttles of a device': ["to deeply equal { 'cpu.cfs_burst_us': '0", "expected '' to be '254:0 "] },
  },
  {
    runtimes: ['crun'],
    reason: 'update with an empty value, with zeros, or with a memory limit above memory plus swap fails or sets 0',
    titles: {
      'CLI-071 memory, memory and swap': ['write to `memory.limit_in_bytes`: Device or resource busy', 'cannot parse the data: `'],
      'CLI-071 an empty value': ['write to `memory.limit_in_bytes`: Device or resource busy', 'cannot parse the data: `'],
      'CLI-072 zeros': [
        'write to `memory.limit_in_bytes`: Device or resource busy',
        'writing file `memory.limit_in_bytes`: Device or resource busy',
      ],
    },
    cgroup: 'v1',
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'update takes any text for a schema of Intel RDT',
    titles: { 'CLI-071 values that are none': 'expected +0 not to be +0' },
  },
  {
    runtimes: ['crun'],
    reason: 'update takes a list, and nothing at all, for resources',
    titles: { 'CLI-072 what is no JSON': 'expected +0 to be 1' },
  },
  {
    runtimes: ['crun'],
    reason: 'update that fails leaves what was written before',
    titles: {
      'CLI-071 a value that the kernel refuses': ["to deeply equal { 'cpu.cfs_burst_us': '0", "to deeply equal { 'cpu.idle': '0"],
    },
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'update that fails leaves device rules that were written before',
    titles: { 'CLI-071 device rules are put back': "to deeply equal { 'cpu.cfs_burst_us': '0" },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    cgroup: 'unified',
    reason: 'update refuses a limit of kernel memory of 0, as docker sends it',
    titles: { 'CLI-072 zeros, as docker': 'cannot set kernel memory with cgroupv2' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    cgroup: 'unified',
    reason: 'tells neither the limit nor the usage, when it refuses a limit below the usage',
    titles: { 'CLI-072 LNX-090 LNX-091': "expected 'cannot set the memory limit lower tha" },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    cgroup: 'unified',
    reason: 'update takes what is no number, as an empty value or 80m, for 0: the memory limit of a running container too',
    titles: {
      'CLI-071 memory, memory and swap': "expected '0' to be '83886080'",
      'CLI-071 an empty value': "to deeply equal { 'cpu.idle': '0'",
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    cgroup: 'unified',
    reason: 'update of the quota alone sets the period back to 100 ms',
    titles: { 'CLI-071 cpu: shares': "expected '30000 100000' to be '30000 50000'" },
  },
  {
    runtimes: ['crun'],
    reason: 'update of a stopped container writes to its cgroup',
    titles: { 'CLI-071 created and paused': 'expected +0 to be 1' },
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'update with neither quota nor period forgets the period, so that the next one with a quota sets it back to 100 ms',
    why: 'what is not named stays',
    titles: {
      'CLI-071 cpu: shares': "expected '30000 100000' to be '30000 50000'",
      'CLI-071 are read as runc': "expected '30000 100000' to be '30000 50000'",
    },
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'update that fails leaves what was written before: it puts back the limits that it has just read',
    why: 'an update is done wholly or not at all',
    titles: { 'CLI-071 a value that the kernel refuses': "to deeply equal { 'cpu.idle': '0" },
  },
  {
    runtimes: ['runc'],
    cgroup: 'unified',
    reason: 'update with a memory limit of 0, as docker sends it, fails where a swap limit is set',
    why: 'a zero means that nothing changes',
    titles: { 'CLI-072 zeros, as docker': 'unable to set swap limit without memory limit' },
  },
];
