import type { Deviation } from './deviation.ts';

export const commandLine: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'accepts / as the state root',
    titles: ['CLI-002 --root /'],
  },
  {
    runtimes: ['crun'],
    reason: 'accepts / as the state root',
    titles: ['CLI-002 --root /'],
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'state tells nothing of how the container ended, and no warning names the memory limit that killed it',
    why: 'status, signal and peak of memory are gone with the cgroup; engines ignore members that they do not know',
    titles: ['CLI-041 state keeps', 'CLI-041 and the signal', 'LNX-082 a process killed by the memory limit'],
  },
  {
    runtimes: ['runc'],
    reason: 'events goes on until the cgroup is removed',
    why: 'no event can come any more when the container has ended',
    titles: ['CLI-068 CLI-069 a line each interval'],
  },
  {
    runtimes: ['runc'],
    reason: 'reads numbers of some flags in the base that their beginning tells: 0x10, 010',
    why: 'the units of a limit should not depend on the flag',
    titles: ['CLI-071 a number in another base'],
  },
  {
    runtimes: ['runc'],
    reason: 'update ignores device rules',
    why: 'what the file says is done, or refused',
    titles: ['CLI-071 devices stay unless'],
  },
  {
    runtimes: ['runc'],
    reason: 'update that fails leaves the throttles that were written before',
    why: 'an update is done wholly or not at all',
    titles: ['CLI-072 throttles of a device'],
  },
  { runtimes: ['crun'], reason: 'parses options as getopt does: one dash starts a cluster of short ones', titles: ['CLI-001'] },
  { runtimes: ['crun'], reason: 'writes the pid file in place', titles: ['CLI-017 the pid file replaces'] },
  { runtimes: ['crun'], reason: 'takes a relative pid file from the bundle', titles: ['ENG-031'] },
  { runtimes: ['crun'], reason: 'lacks the option or the command in this version', titles: ['CLI-041', 'CLI-050', 'FEAT-001', 'CLI-005'] },
  { runtimes: ['crun'], reason: 'looks for the program before it sends the terminal', titles: ['ENG-005'] },
  { runtimes: ['crun'], reason: 'prints rootfs as it is in the config', titles: ['CLI-024'] },
  { runtimes: ['crun'], reason: 'exec of an unknown container ends with 1', titles: ['CLI-060 exec in an unknown'] },
  {
    runtimes: ['crun'],
    reason: 'ignores signals that it does not know, and knows none in lower case',
    titles: ['CLI-025 signal names may', 'CLI-025 an unknown'],
  },
  { runtimes: ['crun'], reason: 'passes the descriptors of LISTEN_FDS but not the variables', titles: ['CLI-021'] },
  { runtimes: ['crun'], reason: 'exec --cgroup may lead out of the container’s cgroup', titles: ['CLI-042 a sub-cgroup outside'] },
  { runtimes: ['crun'], reason: 'ps prints pids alone', titles: ['CLI-064'] },
  {
    runtimes: ['runc'],
    reason: 'ps finds its column by counting blanks',
    why: 'it fails, or shows processes of others, where a command stands before the pid',
    titles: ['CLI-064 ps finds its column'],
  },
  { runtimes: ['crun'], reason: 'tells warnings only where --log-level asks for them', titles: ['RT-035 CFG-046'] },
  { runtimes: ['crun'], reason: 'ignores a console socket without a terminal', titles: ['CLI-015 a console socket without'] },
  { runtimes: ['crun'], reason: 'does not give the first size of the caller’s terminal to the container’s', titles: ['CLI-119'] },
];
