import type { Deviation } from './deviation.ts';

export const config: readonly Deviation[] = [
  {
    runtimes: ['runc', 'crun'],
    reason: 'runs the container in the ids of the host',
    why: 'the program would have rights over the host that the mappings were to take away',
    titles: {
      'LNX-020 mappings without a user namespace': 'expected +0 to be 1',
      'LNX-020 mappings of no user namespace': 'expected +0 to be 1',
    },
  },
  {
    runtimes: ['runc', 'crun'],
    reason: 'takes an absent id of a mapping for 0',
    why: 'the root of the container would be that of the host',
    titles: { 'LNX-022 a mapping without': 'expected +0 to be 1' },
  },
  {
    runtimes: ['runc'],
    reason: 'does not look at the major version',
    why: 'what another major version means is not known, a protection neither',
    titles: { 'CFG-002 another major version': 'expected +0 not to be +0', 'CFG-002 a version of another major': 'expected +0 to be 1' },
  },
  {
    runtimes: ['crun'],
    since: '1.9',
    reason: 'does not look at the major version',
    titles: { 'CFG-002 another major version': 'expected +0 not to be +0', 'CFG-002 a version of another major': 'expected +0 to be 1' },
  },
  {
    runtimes: ['runc'],
    reason: 'binds the bundle where a bind mount has no source',
    why: 'the container would see, and could change, its own config.json',
    titles: { 'CFG-012 a bind mount without source': 'expected +0 to be 1' },
  },
  {
    runtimes: ['runc'],
    reason: 'takes kernel parameters in an order of chance: of two names of one either counts',
    why: 'the same configuration makes the same container',
    titles: { 'LNX-145 a parameter twice': "expected '1\\n' to be '0\\n'" },
    unstable: true,
  },
  {
    runtimes: ['runc'],
    reason: 'leaves out a device without path',
    why: 'the program would miss it and nobody would know why',
    titles: { 'LNX-031 a device without path': 'expected +0 to be 1' },
  },
  {
    runtimes: ['runc'],
    reason: 'refuses a user namespace without mappings',
    why: 'crun gives it the ids of its caller, and callers count on that',
    titles: {
      'LNX-020 has the runtime’s own id': [
        'user namespaces enabled, but no uid mappings found',
        'User namespaces enabled, but no uid mappings found.',
      ],
      'LNX-020 exec enters it': [
        'user namespaces enabled, but no uid mappings found',
        'User namespaces enabled, but no uid mappings found.',
      ],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'knows names of properties in their own case only',
    titles: {
      'CFG-095 a whole process': ['block `process` not found', 'internal error: max number of capabilities not initialized'],
      'CFG-095 a protection': "expected '67\\nNoNewPrivs:\\t0\\n0\\n0\\n' to be '0\\nNoNewPrivs:\\t1\\n1\\n1\\n'",
      'CFG-095 of two spellings': "expected 'spec\\n67\\n' to be 'later\\n0\\n'",
      'CFG-095 in the process of exec': [
        "cannot parse process file: `Required field 'type' not present",
        "cannot parse process file: Required field 'type' not present",
      ],
      'CFG-095 exec is in the container': ['is not running', 'internal error: max number of capabilities not initialized'],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'refuses this value',
    titles: {
      'CFG-001 no version': "load `config.json`: Required field 'ociVersion' not present",
      'LNX-059 a cgroupsPath with ..': 'No such file or directory',
      'LNX-031 a device whose path is relative': [
        'mknodat `dev/made`: No such file or directory',
        'mknod `dev/made`: No such file or directory',
      ],
      'LNX-146 an empty filter': "load `config.json`: Required field 'defaultAction' not present",
      'LNX-148 an errno for a default action': 'errno value specified for action `SCMP_ACT_ALLOW',
      'LNX-151 a rule of the filter without names': "load `config.json`: Required field 'names' not present",
      'LNX-162 an errno for an action': 'errno value specified for action `SCMP_ACT_LOG',
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'refuses this value',
    titles: {
      'LNX-181 an empty masked path': 'open `/dev/null`: No such file or directory',
    },
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'refuses this value',
    titles: {
      'LNX-079 letters without meaning': ['write to `devices.allow`: Invalid argument', 'writing file `devices.allow`: Invalid argument'],
      'LNX-079 no letter with a meaning in the access': [
        'write to `devices.allow`: Invalid argument',
        'writing file `devices.allow`: Invalid argument',
      ],
      'LNX-103 weights of a device without a weight': [
        'write `blkio.bfq.weight_device`: Numerical result out of range',
        'open blkio.weight_device: No such file or directory',
      ],
    },
  },
  {
    runtimes: ['crun'],
    since: '1.28',
    reason: 'takes an empty read-only path for /',
    titles: { 'LNX-182 an empty read-only path': "expected 'refused\\n' to be 'written\\n'" },
  },
  {
    runtimes: ['crun'],
    reason: 'parses the windows object and misses its members',
    titles: { 'CFG-073': "load `config.json`: Required field 'layerFolders' not present" },
  },
  {
    runtimes: ['crun'],
    before: '1.9',
    reason: 'wants ociVersion to start with 1.0 (1.8.1 refuses newer minors)',
    titles: { 'CFG-002 versions of the same major': 'unknown version specified' },
  },
  {
    runtimes: ['runc'],
    before: '1.2',
    reason: 'does not know domainname and personality',
    titles: {
      'CFG-071': ['expected +0 to be 1', "expected '(none)\\n' to be 'example.org\\n'"],
      'LNX-184': "expected 'x86_64\\n' to be 'i686\\n'",
    },
  },
  {
    runtimes: ['crun'],
    reason: 'does not validate this property',
    titles: {
      'LNX-177 an unknown': 'expected +0 to be 1',
      'CFG-028 a relative cwd': 'expected +0 not to be +0',
      'CFG-030 no arguments': 'to match /args/',
      'CFG-088': 'expected +0 not to be +0',
      'ENG-014 an environment': 'expected +0 not to be +0',
      'LNX-030 an unknown type': 'expected +0 to be 1',
      'LNX-077 an unknown type': ['to deeply equal []', 'expected +0 to be 1'],
    },
  },
  {
    runtimes: ['runc'],
    reason: 'knows no strides in execCPUAffinity',
    why: 'a list has one form wherever it stands: that of the kernel',
    titles: {
      'CFG-061 CFG-062 a list with a stride': [
        'bad CPUAffinity.Final: strconv.ParseUint: parsing',
        "expected 'Cpus_allowed_list:\\t0-1' to match /:\\t0$/",
      ],
    },
  },
  {
    runtimes: ['crun'],
    cgroup: 'v1',
    reason: 'exec does not take execCPUAffinity from the config',
    titles: { 'CFG-061 CFG-062 a list': "expected 'Cpus_allowed_list:\\t0-1' to match /:\\t0$/" },
  },
  {
    runtimes: ['runc', 'crun'],
    cgroup: 'unified',
    reason: 'fails to set a weight or a rate of 0, which on cgroup v1 is none',
    why: 'one config has one meaning on both: no limit',
    titles: {
      'LNX-103 weights of a device without a weight': [
        'error setting cgroup config for procHooks process: setting device weight',
        'write `io.bfq.weight`: Operation not supported',
      ],
      'LNX-104 a throttle without rate': [
        'error setting cgroup config for procHooks process: failed to write',
        'write `rbps`: Numerical result out of range',
      ],
    },
  },
  {
    runtimes: ['crun'],
    reason: 'does not say why config.json cannot be read',
    titles: { 'BND-001 a config.json that may not': 'to match /config\\.json.*permission denied/i' },
  },
];
