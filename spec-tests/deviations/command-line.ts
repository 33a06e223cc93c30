import type { Deviation } from './deviation.ts';

export const commandLine: readonly Deviation[] = [
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'accepts / as the state root',
    titles: { 'CLI-002 --root /': 'expected +0 not to be +0' },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'accepts / as the state root',
    titles: { 'CLI-002 --root /': 'expected +0 not to be +0' },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'state tells nothing of how the container ended, and no warning names the memory limit that killed it',
    why: 'status, signal and peak of memory are gone with the cgroup; engines ignore members that they do not know',
    titles: {
      'CLI-041 state keeps': ["to match object { status: 'stopped', pid: +0", 'expected 64 to be 7'],
      'CLI-041 and the signal': ['to match object { Object (exitStatus, exitSignal, ...) }', 'it runs'],
      'LNX-082 a process killed by the memory limit': ['to match /was killed by the memory limit of 24', 'expected 64 to be 137'],
    },
  },
  {
    runtimes: ['runc'],
    reason: 'events goes on until the cgroup is removed',
    why: 'no event can come any more when the container has ended',
    titles: { 'CLI-068 CLI-069 a line each interval': 'expected 124 to be +0' },
  },
  {
    runtimes: ['crun'],
    reason: 'an unknown command ends with 1, and an unknown option with 64',
    titles: { 'CLI-010 CLI-011 an unknown command': 'expected 1 to be 3' },
  },
  {
    runtimes: ['crun'],
    reason: 'parses options as getopt does: one dash starts a cluster of short ones',
    titles: { 'CLI-001': 'failed: No such file or directory' },
  },
  { runtimes: ['crun'], reason: 'writes the pid file in place', titles: { 'CLI-017 the pid file replaces': 'not to be ' } },
  { runtimes: ['crun'], reason: 'takes a relative pid file from the bundle', titles: { 'ENG-031': 'expected false to be true' } },
  {
    runtimes: ['crun'],
    reason: 'lacks the option or the command in this version',
    titles: {
      'CLI-050 --additional-gids': [
        "Try `crun --help' or `crun --usage' for more information.",
        "Try `exec --help' or `exec --usage' for more information.",
      ],
      'CLI-071 cpu burst': [
        "Try `crun --help' or `crun --usage' for more information.",
        "Try `update --help' or `update --usage' for more information.",
      ],
    },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'lacks the option or the command',
    titles: {
      'CLI-041 run --keep': "Try `run --help' or `run --usage' for more information.",
      'FEAT-001': 'unknown command features',
      'CLI-005': 'expected false to be true',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'has no events',
    titles: {
      'CLI-068': ['three lines', 'it is watched'],
      'CLI-070 one line': 'unknown command events',
      'CLI-070 numbers': 'unknown command events',
      'CLI-070 pressure': 'unknown command events',
      'CLI-070 a stopped': "to contain 'container with id",
      'LNX-095 a quota throttles': 'unknown command events',
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'writes entries of a JSON log over several lines',
    titles: { 'CLI-003 CLI-004 a failing create writes one JSON line': "not to contain '\\n'" },
  },
  {
    runtimes: ['crun'],
    reason: 'ignores --no-subreaper',
    titles: { 'CLI-037 run adopts': 'not to be ' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'exec does not wait for the output of what its program leaves running',
    titles: { 'CLI-042 output of what the program leaves running': "expected 'early\\n' to be 'early\\nlate\\n'" },
  },
  {
    runtimes: ['crun'],
    reason: 'run without a pid namespace does not end before the last process does',
    titles: { 'CLI-031 what survives init': 'expected 124 to be 7' },
  },
  {
    runtimes: ['crun'],
    reason: 'ends by a fault where its caller has closed stdin, stdout and stderr',
    titles: { 'RTL-001 they are the null device': ['status 139 of ', 'to match /^(\\/dev\\/null|\\/null|pipe:.*)$/dev\\'] },
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'exec --cgroup makes a cgroup that is not there',
    titles: { 'CLI-059 a missing cgroup': 'expected +0 not to be +0' },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'looks for the program before it sends the terminal',
    titles: { 'ENG-005': 'to match object { fds: 1, closed: true }' },
  },
  {
    runtimes: ['crun'],
    reason: 'prints rootfs as it is in the config',
    titles: { 'CLI-024': ["to deeply equal [ 'ociVersion', 'id', 'pid", "expected 'rootfs' to be '"] },
  },
  {
    runtimes: ['crun'],
    before: '1.28',
    reason: 'exec of an unknown container ends with 1',
    titles: { 'CLI-060 exec in an unknown': 'expected 1 to be 255' },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'exec that fails itself ends with 1',
    titles: {
      'CLI-060 a missing program': 'expected 1 to be 255',
      'CLI-060 a name that is not in PATH': 'expected 1 to be 255',
      'CLI-060 a file that is not executable': 'expected 1 to be 255',
      'CLI-060 a directory': 'expected 1 to be 255',
      'CLI-060 exec in an unknown': 'expected 1 to be 255',
      'CLI-046 exec does not make': 'expected 1 to be 255',
      'CLI-119 the terminal gets its modes back': 'expected [ 1, true ] to deeply equal [ 255, true ]',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'ignores signals that it does not know, and knows none in lower case',
    titles: {
      'CLI-025 signal names may': ['unknown signal `hup', '/^signal 1$/m on stdout of'],
      'CLI-025 an unknown': 'expected +0 not to be +0',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'passes the descriptors of LISTEN_FDS but not the variables',
    titles: { 'CLI-021': ["to include 'LISTEN_FDS=1'", 'expected [ +0, 1, 2, 3 ] to deeply equal [ +0, 1, 2 ]'] },
  },
  {
    runtimes: ['crun'],
    reason: 'exec --cgroup may lead out of the container’s cgroup',
    titles: { 'CLI-042 a sub-cgroup outside': ['expected +0 to be 255', 'expected 1 to be 255'] },
  },
  {
    runtimes: ['crun'],
    reason: 'ps prints pids alone',
    titles: {
      'CLI-064 ps ': ["' to match /^UID +PID/", 'ps` requires a maximum of 1 arguments'],
    },
  },
  {
    runtimes: ['runc'],
    reason: 'ps finds its column by counting blanks',
    why: 'it fails, or shows processes of others, where a command stands before the pid',
    titles: { 'CLI-064 ps finds its column': 'unable to parse pid: strconv.Atoi: parsing' },
  },
  {
    runtimes: ['crun'],
    reason: 'tells warnings only where --log-level asks for them',
    titles: { 'RT-035 CFG-046': ["expected '' to contain 'CAP_NOSUCH'", "expected '' to match /CAP_NOSUCH/", 'end of JSON input'] },
  },
  {
    runtimes: ['crun'],
    reason: 'ignores a console socket without a terminal',
    titles: { 'CLI-015 a console socket without': 'expected +0 to be 1' },
  },
];
