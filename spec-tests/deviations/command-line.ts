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
    reason: 'update takes numbers in any base, what is no number for 0, and what is no object for nothing',
    titles: {
      'CLI-071 are read as runc': ['cannot parse the data: `', "' to be '"],
      'CLI-071 what is no object': 'expected +0 to be 1',
      'CLI-071 numbers that runc': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['crun'],
    reason: 'an unknown command ends with 1, and an unknown option with 64',
    titles: { 'CLI-010 CLI-011 an unknown command': 'expected 1 to be 3' },
  },
  {
    runtimes: ['runc'],
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
    reason: 'exec --cgroup makes a cgroup that is not there',
    titles: { 'CLI-059 a missing cgroup': 'expected +0 not to be +0' },
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
    titles: { 'CLI-042 a sub-cgroup outside': 'expected +0 to be 255' },
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
  {
    runtimes: ['crun'],
    reason: 'does not give the first size of the caller’s terminal to the container’s',
    titles: { 'CLI-119 run in the foreground relays': 'to match /21 77/' },
  },
  {
    runtimes: ['crun'],
    reason: 'loses output of a terminal at the end of run, when there is much of it or its reader waits',
    titles: {
      'CLI-119 no output is lost': { unproved: 'it has not failed while messages were recorded' },
      'CLI-119 a reader that stops': { unproved: 'it has not failed while messages were recorded' },
    },
    unstable: true,
  },
  {
    runtimes: ['crun'],
    reason: 'who reads the output of a foreground terminal sees carriage returns',
    titles: {
      'CLI-119 who reads': [
        "expected { status: 1, out: '' } to deeply equal { status: +0, out: 'one\\ntwo\\n' }",
        "expected { status: +0, out: 'one\\r\\ntwo\\r\\n' } to deeply equal { status: +0, out: 'one\\ntwo\\n' }",
      ],
      'CLI-119 CLI-048 the same for exec': "expected '' to be 'one\\ntwo\\n'",
    },
  },
  {
    runtimes: ['crun'],
    reason: 'run at a terminal now and then shows what the program writes as an error of its own',
    titles: { 'CLI-119 a terminal shows every line': { unproved: 'it has not failed while messages were recorded' } },
    unstable: true,
  },
  {
    runtimes: ['crun'],
    reason: 'wants a terminal of the caller for its stdin where the container has one',
    titles: { 'CLI-119 the end of a pipe': 'expected 1 to be +0', 'CLI-119 the null device': "expected '' to match /status 1(24|43)\\n/" },
  },
  {
    runtimes: ['runc'],
    reason: 'does not tell a program on a terminal that the pipe of its caller has ended',
    why: 'the program would wait for ever',
    titles: { 'CLI-119 the end of a pipe': 'expected 124 to be +0' },
    unstable: true,
  },
];
