import type { Deviation } from './deviation.ts';

export const commandLine: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'accepts / as the state root',
    titles: ['CLI-002 --root /'],
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
  { runtimes: ['crun'], reason: 'ps prints pids alone', titles: ['CLI-064'] },
  { runtimes: ['crun'], reason: 'ignores a console socket without a terminal', titles: ['CLI-015 a console socket without'] },
  { runtimes: ['crun'], reason: 'does not give the first size of the caller’s terminal to the container’s', titles: ['CLI-119'] },
];
