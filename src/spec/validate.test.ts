import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuntimeError } from '../errors.ts';
import { exactJson } from './exact-json.ts';
import type { Finding } from './findings.ts';
import { pointerParts, valueAt } from './pointer.ts';
import { parseProcess, parseResources, parseSpec, requireSpec, validateProcess, validateSpec } from './validate.ts';

type Json = Record<string, unknown>;

const namespaces = ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type }));
const linux = (members: Json): Json => ({ linux: { namespaces, ...members } });
const proc = (members: Json): Json => ({ process: { args: ['sh'], cwd: '/', ...members } });
const resources = (members: Json): Json => linux({ resources: members });
const seccomp = (members: Json): Json => linux({ seccomp: { defaultAction: 'SCMP_ACT_ALLOW', ...members } });
const base = { ociVersion: '1.3.0', root: { path: 'rootfs' } };

const brief = (findings: readonly Finding[]): string[] => findings.map(({ code, pointer }) => `${code} ${pointer}`);
const problems = (members: Json): string[] => brief(validateSpec({ ...base, ...members }).problems);
const warnings = (members: Json): string[] => brief(validateSpec({ ...base, ...members }).warnings);

/** Clause or chapter, configuration, expected findings. */
const refused: readonly (readonly [string, Json, ...string[]])[] = [
  ['CFG-001 no version', { ociVersion: undefined }, 'MISSING_PROPERTY /ociVersion'],
  ['CFG-001 not SemVer', { ociVersion: '1.0' }, 'BAD_VERSION /ociVersion'],
  ['CFG-001 no string', { ociVersion: 1 }, 'WRONG_TYPE /ociVersion'],
  ['CFG-002 other major', { ociVersion: '2.0.0' }, 'BAD_VERSION /ociVersion'],
  ['CFG-003 no root', { root: undefined }, 'MISSING_PROPERTY /root'],
  ['CFG-004 empty path', { root: { path: '' } }, 'EMPTY /root/path'],
  ['CFG-009 no destination', { mounts: [{ source: 'a' }] }, 'MISSING_PROPERTY /mounts/0/destination'],
  [
    'CFG-019 one mapping',
    { mounts: [{ destination: '/a', uidMappings: [{ containerID: 0, hostID: 1, size: 1 }] }] },
    'NEEDS_PROPERTY /mounts/0/uidMappings',
  ],
  ['MNT-060 idmap without mapping', { mounts: [{ destination: '/a', options: ['idmap'] }] }, 'NEEDS_PROPERTY /mounts/0/options'],
  ['CFG-026 half a size', proc({ consoleSize: { height: 1 } }), 'MISSING_PROPERTY /process/consoleSize/width'],
  ['CFG-028 no cwd', { process: { args: ['a'] } }, 'MISSING_PROPERTY /process/cwd'],
  ['CFG-028 empty cwd', proc({ cwd: '' }), 'EMPTY /process/cwd'],
  ['CFG-028 relative cwd', proc({ cwd: 'x' }), 'NOT_ABSOLUTE /process/cwd'],
  ['CFG-030 no args', { process: { cwd: '/' } }, 'MISSING_PROPERTY /process/args'],
  ['CFG-030 empty args', proc({ args: [] }), 'EMPTY /process/args'],
  ['ENG-014 env without =', proc({ env: ['A=1', 'B'] }), 'BAD_FORMAT /process/env/1'],
  ['CFG-033 limit unknown', proc({ rlimits: [{ type: 'RLIMIT_X', soft: 0, hard: 0 }] }), 'UNKNOWN_VALUE /process/rlimits/0/type'],
  ['CFG-034 no soft', proc({ rlimits: [{ type: 'RLIMIT_AS', hard: 0 }] }), 'MISSING_PROPERTY /process/rlimits/0/soft'],
  [
    'CFG-037 limit twice',
    proc({ rlimits: [1, 2].map((soft) => ({ type: 'RLIMIT_AS', soft, hard: 2n ** 64n - 1n })) }),
    'DUPLICATE /process/rlimits/1',
  ],
  ['CFG-049 oomScoreAdj', proc({ oomScoreAdj: 1001 }), 'OUT_OF_RANGE /process/oomScoreAdj'],
  ['CFG-051 policy unknown', proc({ scheduler: { policy: 'SCHED_X' } }), 'UNKNOWN_VALUE /process/scheduler/policy'],
  ['CFG-052 nice', proc({ scheduler: { policy: 'SCHED_OTHER', nice: 20 } }), 'OUT_OF_RANGE /process/scheduler/nice'],
  ['CFG-053 priority', proc({ scheduler: { policy: 'SCHED_OTHER', priority: 10 } }), 'CONFLICT /process/scheduler/priority'],
  ['CFG-054 flag', proc({ scheduler: { policy: 'SCHED_OTHER', flags: ['X'] } }), 'UNKNOWN_VALUE /process/scheduler/flags/0'],
  ['CFG-055 runtime', proc({ scheduler: { policy: 'SCHED_FIFO', priority: 1, runtime: 5 } }), 'CONFLICT /process/scheduler'],
  ['CFG-058 class', proc({ ioPriority: { class: 'X', priority: 1 } }), 'UNKNOWN_VALUE /process/ioPriority/class'],
  ['CFG-059 priority', proc({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 8 } }), 'OUT_OF_RANGE /process/ioPriority/priority'],
  ['CFG-061 list', proc({ execCPUAffinity: { initial: 'x' } }), 'BAD_FORMAT /process/execCPUAffinity/initial'],
  ['CFG-065 uid', proc({ user: { uid: 4294967296 } }), 'BAD_INTEGER /process/user/uid'],
  ['CFG-070 hostname', { hostname: 'a' }, 'NEEDS_NAMESPACE /hostname'],
  ['CFG-071 domainname', { domainname: 'a' }, 'NEEDS_NAMESPACE /domainname'],
  ['CFG-075 hook path', { hooks: { poststop: [{ path: 'true' }] } }, 'NOT_ABSOLUTE /hooks/poststop/0/path'],
  ['CFG-078 timeout', { hooks: { prestart: [{ path: '/a', timeout: 0 }] } }, 'OUT_OF_RANGE /hooks/prestart/0/timeout'],
  ['CFG-088 annotations', { annotations: [] }, 'WRONG_TYPE /annotations'],
  ['CFG-089 empty key', { annotations: { '': 'a' } }, 'EMPTY /annotations/'],
  ['CFG-090 value', { annotations: { 'a/b': 1 } }, 'WRONG_TYPE /annotations/a~1b'],
  ['LNX-013 type', linux({ namespaces: [{ type: 'net' }] }), 'UNKNOWN_VALUE /linux/namespaces/0/type'],
  ['LNX-014 path', linux({ namespaces: [{ type: 'pid', path: 'ns/pid' }] }), 'NOT_ABSOLUTE /linux/namespaces/0/path'],
  ['LNX-019 twice', linux({ namespaces: [{ type: 'pid' }, { type: 'pid' }] }), 'DUPLICATE /linux/namespaces/1'],
  ['LNX-020 no user ns', linux({ uidMappings: [{ containerID: 0, hostID: 1, size: 1 }] }), 'NEEDS_NAMESPACE /linux/uidMappings'],
  [
    'LNX-020 no mappings',
    linux({ namespaces: [{ type: 'user' }] }),
    'NEEDS_PROPERTY /linux/uidMappings',
    'NEEDS_PROPERTY /linux/gidMappings',
  ],
  ['LNX-026 no time ns', linux({ timeOffsets: { monotonic: { secs: 1 } } }), 'NEEDS_NAMESPACE /linux/timeOffsets'],
  ['LNX-026 clock', linux({ namespaces: [{ type: 'time' }], timeOffsets: { x: {} } }), 'UNKNOWN_VALUE /linux/timeOffsets/x'],
  [
    'LNX-026 joined',
    linux({ namespaces: [{ type: 'time', path: '/a' }], timeOffsets: { boottime: { nanosecs: 1e9 } } }),
    'CONFLICT /linux/timeOffsets',
    'OUT_OF_RANGE /linux/timeOffsets/boottime/nanosecs',
  ],
  ['LNX-030 type', linux({ devices: [{ type: 'x', path: '/a' }] }), 'UNKNOWN_VALUE /linux/devices/0/type'],
  ['LNX-033 minor', linux({ devices: [{ type: 'c', path: '/a', major: 1 }] }), 'MISSING_PROPERTY /linux/devices/0/minor'],
  ['LNX-034 mode', linux({ devices: [{ type: 'p', path: '/a', fileMode: 512 }] }), 'OUT_OF_RANGE /linux/devices/0/fileMode'],
  ['LNX-047 network', { linux: { netDevices: { eth0: {} } } }, 'NEEDS_NAMESPACE /linux/netDevices'],
  ['LNX-048 name', linux({ netDevices: { eth0: { name: 'a/b' } } }), 'BAD_FORMAT /linux/netDevices/eth0/name'],
  ['LNX-063 cgroupsPath', linux({ cgroupsPath: '/a/../b' }), 'BAD_FORMAT /linux/cgroupsPath'],
  ['LNX-076 allow', resources({ devices: [{ access: 'r' }] }), 'MISSING_PROPERTY /linux/resources/devices/0/allow'],
  ['LNX-079 access', resources({ devices: [{ allow: true, access: 'x' }] }), 'BAD_FORMAT /linux/resources/devices/0/access'],
  ['LNX-084 swap', resources({ memory: { limit: 2, swap: 1 } }), 'OUT_OF_RANGE /linux/resources/memory/swap'],
  ['LNX-084 swap alone', resources({ memory: { swap: 1 } }), 'NEEDS_PROPERTY /linux/resources/memory/swap'],
  ['LNX-087 swappiness', resources({ memory: { swappiness: 101 } }), 'OUT_OF_RANGE /linux/resources/memory/swappiness'],
  ['LNX-094 burst', resources({ cpu: { quota: 10, burst: 11 } }), 'OUT_OF_RANGE /linux/resources/cpu/burst'],
  ['LNX-098 cpus', resources({ cpu: { cpus: 'a' } }), 'BAD_FORMAT /linux/resources/cpu/cpus'],
  ['LNX-100 idle', resources({ cpu: { idle: 2 } }), 'OUT_OF_RANGE /linux/resources/cpu/idle'],
  [
    'LNX-103 weights',
    resources({ blockIO: { weightDevice: [{ major: 1, minor: 1 }] } }),
    'NEEDS_PROPERTY /linux/resources/blockIO/weightDevice/0',
  ],
  ['LNX-108 size', resources({ hugepageLimits: [{ pageSize: '2mb', limit: 0 }] }), 'BAD_FORMAT /linux/resources/hugepageLimits/0/pageSize'],
  ['LNX-116 rdma', resources({ rdma: { mlx: {} } }), 'NEEDS_PROPERTY /linux/resources/rdma/mlx'],
  ['LNX-120 slash', resources({ unified: { '../a': '1' } }), 'BAD_FORMAT /linux/resources/unified/..~1a'],
  ['LNX-125 closID', linux({ intelRdt: { closID: '..' } }), 'BAD_FORMAT /linux/intelRdt/closID'],
  ['LNX-128 MB', linux({ intelRdt: { memBwSchema: 'L3:' } }), 'BAD_FORMAT /linux/intelRdt/memBwSchema'],
  ['LNX-142 mode', linux({ memoryPolicy: {} }), 'MISSING_PROPERTY /linux/memoryPolicy/mode'],
  ['LNX-143 nodes', linux({ memoryPolicy: { mode: 'MPOL_BIND' } }), 'NEEDS_PROPERTY /linux/memoryPolicy/nodes'],
  ['LNX-147 action', linux({ seccomp: {} }), 'MISSING_PROPERTY /linux/seccomp/defaultAction'],
  ['LNX-148 errno', seccomp({ defaultErrnoRet: 1 }), 'CONFLICT /linux/seccomp/defaultErrnoRet'],
  ['LNX-149 arch', seccomp({ architectures: ['X86'] }), 'UNKNOWN_VALUE /linux/seccomp/architectures/0'],
  ['LNX-151 names', seccomp({ syscalls: [{ names: [], action: 'SCMP_ACT_LOG' }] }), 'EMPTY /linux/seccomp/syscalls/0/names'],
  [
    'LNX-161 listener',
    seccomp({ syscalls: [{ names: ['write'], action: 'SCMP_ACT_NOTIFY' }] }),
    'NEEDS_PROPERTY /linux/seccomp/listenerPath',
  ],
  [
    'LNX-163 index',
    seccomp({ syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }] }] }),
    'OUT_OF_RANGE /linux/seccomp/syscalls/0/args/0/index',
  ],
  ['LNX-169 metadata', seccomp({ listenerMetadata: 'a' }), 'NEEDS_PROPERTY /linux/seccomp/listenerMetadata'],
  ['LNX-177 propagation', linux({ rootfsPropagation: 'x' }), 'UNKNOWN_VALUE /linux/rootfsPropagation'],
  ['LNX-181 masked', linux({ maskedPaths: ['a'] }), 'NOT_ABSOLUTE /linux/maskedPaths/0'],
  ['LNX-182 mount ns', { linux: { readonlyPaths: ['/a'] } }, 'NEEDS_NAMESPACE /linux/readonlyPaths'],
  ['LNX-185 flags', linux({ personality: { domain: 'LINUX', flags: ['X'] } }), 'UNKNOWN_VALUE /linux/personality/flags/0'],
  ['NUL', proc({ args: ['a\0b'] }), 'NUL_BYTE /process/args/0'],
];

describe('refused', () => {
  it.each(refused.map(([title, members, ...expected]) => ({ title, members, expected })))('$title', ({ members, expected }) => {
    expect(problems(members)).toEqual(expected);
  });
});

/** runc's words, which callers know. */
describe('messages', () => {
  it.each<[Json, string]>([
    [{ hostname: 'a' }, 'unable to set hostname without a private UTS namespace'],
    [proc({ args: [] }), 'args must not be empty'],
    [{ process: { cwd: '/' } }, 'args must not be empty'],
    [proc({ cwd: 'a' }), 'Cwd must be an absolute path'],
    [linux({ sysctl: { 'vm.swappiness': '1' } }), 'sysctl "vm.swappiness" is not in a separate kernel namespace'],
    [{ linux: { sysctl: { 'kernel.msgmax': '1' } } }, 'sysctl "kernel.msgmax" is not allowed in the hosts ipc namespace'],
    [{ linux: { sysctl: { 'net/ipv4/ip_forward': '1' } } }, 'sysctl "net.ipv4.ip_forward" not allowed in host network namespace'],
    [
      linux({ sysctl: { 'kernel.hostname': 'a' } }),
      'sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field',
    ],
    [linux({ namespaces: [{ type: 'pid' }, { type: 'pid' }] }), 'malformed spec file: duplicated ns "pid"'],
    [proc({ cwd: 5 }), 'invalid cwd: expected a string, found 5'],
    [proc({ user: { uid: -1 } }), 'invalid uid: expected a uint32 integer, found -1'],
  ])('%j', (members, message) => {
    expect(validateSpec({ ...base, ...members }).problems[0]?.message).toBe(message);
  });
});

describe('accepted', () => {
  it.each<[string, Json]>([
    ['CFG-002 pre-release', { ociVersion: '1.0.2-dev' }],
    ['CFG-027 size without terminal', proc({ consoleSize: { height: 100000, width: 1 } })],
    ['CFG-035 infinity', proc({ rlimits: [{ type: 'RLIMIT_CORE', soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n }] })],
    ['AMB-015 no user', proc({})],
    ['null members', { ...proc({ env: null, user: null }), mounts: null, ...linux({ resources: null }) }],
    ['file type in fileMode', linux({ devices: [{ type: 'c', path: '/a', major: 1, minor: 3, fileMode: 8630 }] })],
    ['LNX-145 sysctl with slashes', linux({ sysctl: { 'net/ipv4/conf/eth0.1/forwarding': '1', 'fs.mqueue.msg_max': '1' } })],
    ['unlimited', resources({ memory: { limit: -1, swap: -1 }, pids: { limit: 0 }, cpu: { quota: -1, period: 0 } })],
    ['joined user namespace', linux({ namespaces: [{ type: 'user', path: '/proc/1/ns/user' }] })],
    ['LNX-126 root of resctrl', linux({ intelRdt: { closID: '/' } })],
    ['LNX-051 template', linux({ netDevices: { a: { name: 'eth%d' }, b: { name: 'eth%d' } } })],
    ['RT-053 no process', {}],
    ['CFG-073 other platforms', { windows: { a: 1 }, vm: [], freebsd: 1 }],
  ])('%s', (_title, members) => {
    expect(validateSpec({ ...base, ...members }).problems).toEqual([]);
  });
});

describe('warnings', () => {
  it('CFG-095 unknown members at every level, with a guess', () => {
    const { problems, warnings } = validateSpec({
      ...base,
      hostnme: 'a',
      process: { args: ['a'], cwd: '/', usr: {} },
      mounts: [{ destination: '/a', option: [] }],
    });
    expect(problems).toEqual([]);
    expect(warnings.map(({ pointer, hint }) => [pointer, hint])).toEqual([
      ['/hostnme', 'did you mean "hostname"?'],
      ['/process/usr', 'did you mean "user"?'],
      ['/mounts/0/option', 'did you mean "options"?'],
    ]);
  });

  it('CFG-002 newer minor', () => expect(warnings({ ociVersion: '1.9.0' })).toEqual(['NEWER_VERSION /ociVersion']));
  it('CFG-010 relative destination', () => {
    expect(warnings({ mounts: [{ destination: 'a' }] })).toEqual(['DEPRECATED /mounts/0/destination']);
  });
});

describe('what create tolerates', () => {
  const used = (members: Json) => {
    const told: string[] = [];
    const spec = parseSpec(JSON.stringify({ ...base, ...members }), ({ code, pointer }) => told.push(`${code} ${pointer}`));
    return { spec, told };
  };

  it('takes items out of lists last, so that every pointer means what it meant', () => {
    const { spec, told } = used(linux({ maskedPaths: ['', 'a', '', '/b', 'c'] }));
    expect(spec.linux?.maskedPaths).toEqual(['/a', '/b', '/c']);
    expect(told).toEqual([0, 1, 2, 4].map((index) => `${index % 2 || index === 4 ? 'NOT_ABSOLUTE' : 'EMPTY'} /linux/maskedPaths/${index}`));
  });

  it('fills in several absent members', () => {
    const { spec, told } = used(proc({ consoleSize: {}, rlimits: [{ type: 'RLIMIT_AS', hard: 2 }] }));
    expect(spec.process).toMatchObject({ consoleSize: { height: 0, width: 0 }, rlimits: [{ soft: 0, hard: 2 }] });
    expect(told).toHaveLength(3);
  });

  it('renames at every level, and joins objects whose names differ in case alone', () => {
    const { spec, told } = used({
      Linux: { NetDevices: { Eth0: { NAME: 'a' } }, Namespaces: [{ Type: 'network' }] },
      linux: { mountLabel: 'x' },
    });
    expect(spec.linux).toEqual({ netDevices: { Eth0: { name: 'a' } }, namespaces: [{ type: 'network' }], mountLabel: 'x' });
    expect(told).toHaveLength(5);
  });

  it('says nothing of a document that is as it should be', () => {
    expect(used(proc({})).told).toEqual([]);
  });

  it.each(['/../..', '../', '..', 'a/../b:c:d'])('refuses the cgroupsPath %s, which leads nowhere', (cgroupsPath) => {
    expect(() => used(linux({ cgroupsPath }))).toThrow(/must not contain/);
  });
});

describe('all findings at once', () => {
  it('finds what lies beside a broken part, under its own pointer', () => {
    const found = problems({
      process: { args: 'sh', cwd: 'x', rlimits: [5, { type: 'RLIMIT_X', soft: 1, hard: 1 }] },
      hooks: { prestart: [{}, { path: 'a' }] },
      ...linux({ namespaces: [{ type: 'nope' }, { type: 'pid' }, { type: 'pid' }], seccomp: { defaultAction: 5, listenerMetadata: 'a' } }),
    });
    expect(new Set(found)).toEqual(
      new Set([
        'WRONG_TYPE /process/args',
        'NOT_ABSOLUTE /process/cwd',
        'WRONG_TYPE /process/rlimits/0',
        'UNKNOWN_VALUE /process/rlimits/1/type',
        'MISSING_PROPERTY /hooks/prestart/0/path',
        'NOT_ABSOLUTE /hooks/prestart/1/path',
        'UNKNOWN_VALUE /linux/namespaces/0/type',
        'DUPLICATE /linux/namespaces/2',
        'UNKNOWN_VALUE /linux/seccomp/defaultAction',
        'NEEDS_PROPERTY /linux/seccomp/listenerMetadata',
      ]),
    );
  });

  it.each([null, 5, 'a', [], [[]]])('survives %j', (value) => {
    expect(brief(validateSpec(value).problems)).toEqual(['WRONG_TYPE ']);
  });

  it('suggests enum values', () => {
    const { problems } = validateSpec({ ...base, ...linux({ namespaces: [{ type: 'net' }] }) });
    expect(problems[0]?.hint).toBe('did you mean "network"?');
  });
});

it('never fails on a spec that is wrong anywhere', () => {
  const whole: Json = {
    ...base,
    ...proc({ user: { uid: 1 }, rlimits: [{ type: 'RLIMIT_AS', soft: 1, hard: 1 }], scheduler: { policy: 'SCHED_OTHER' }, env: ['A=1'] }),
    mounts: [{ destination: '/a', options: ['ro'], uidMappings: [] }],
    hooks: { prestart: [{ path: '/a', env: ['A=1'] }] },
    ...linux({
      resources: {
        devices: [{ allow: true, access: 'r' }],
        memory: { limit: 1 },
        cpu: {},
        blockIO: { weightDevice: [] },
        unified: { a: '1' },
      },
      seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', args: [] }] },
      devices: [{ type: 'c', path: '/a', major: 1, minor: 1 }],
      ...{ sysctl: { 'net.a': '1' }, netDevices: { a: {} }, timeOffsets: {}, intelRdt: {}, maskedPaths: ['/a'], cgroupsPath: '/c' },
    }),
  };
  const pointers: string[] = [];
  const collect = (value: unknown, pointer: string): void => {
    pointers.push(pointer);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) collect(member, `${pointer}/${key.replaceAll('/', '~1')}`);
  };
  collect(whole, '');
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('', '\0', -1, 1.5, 2 ** 64, 2n ** 70n, undefined, [undefined], { __proto__: null }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.constantFrom(...pointers.slice(1)), junk), { maxLength: 4 }), (changes) => {
      const copy = structuredClone(whole);
      for (const [pointer, value] of changes) {
        const parts = pointerParts(pointer);
        const parent = valueAt(copy, pointer.slice(0, pointer.lastIndexOf('/')));
        // A copy: the same junk put into itself would be a cycle, which no document has.
        if (typeof parent === 'object' && parent !== null) (parent as Json)[parts.at(-1) ?? ''] = structuredClone(value);
      }
      const { problems } = validateSpec(copy);
      for (const { message, code } of problems) expect([typeof message, code.length > 0]).toEqual(['string', true]);
      // What is about to be used is refused with an error of ours, or it fits.
      try {
        const used = parseSpec(exactJson(copy));
        expect(brief(validateSpec(used).problems).filter((finding) => /MISSING|WRONG_TYPE|BAD_INTEGER/.test(finding))).toEqual([]);
      } catch (error) {
        expect(error).toMatchObject({ name: 'RuntimeError' });
      }
    }),
    { numRuns: 300 },
  );
});

describe('parsing', () => {
  const failure = (action: () => unknown): RuntimeError => {
    try {
      action();
    } catch (error) {
      return error as RuntimeError;
    }
    throw new Error('no error');
  };

  it('tells the first problem and how many there are', () => {
    const error = failure(() => parseSpec('{"ociVersion":"1.0.0","root":{"path":"a"},"hostname":"a","process":{"args":[],"cwd":"x"}}'));
    expect(error.code).toBe('INVALID_SPEC');
    expect(error.message).toBe('unable to set hostname without a private UTS namespace, and 2 more problems');
    expect(error.pointer).toBe('/hostname');
    expect(error.problems).toHaveLength(3);
  });

  it('keeps 64-bit numbers exact and drops nulls', () => {
    const text =
      '{"args":["a"],"cwd":"/","env":null,"rlimits":[{"type":"RLIMIT_AS","soft":18446744073709551614,"hard":18446744073709551615}]}';
    expect(parseProcess(text)).toEqual({
      args: ['a'],
      cwd: '/',
      rlimits: [{ type: 'RLIMIT_AS', soft: 18446744073709551614n, hard: 18446744073709551615n }],
    });
  });

  it('warns at every level of what it does not know', () => {
    const told: string[] = [];
    const text =
      '{"ociVersion":"1.0.0","root":{"path":"a","odd":1},"mounts":[{"destination":"/a","odd":1}],"annotations":{"odd":""},"linux":{"namespaces":[{"type":"network"}],"netDevices":{"odd":{"odd":1}}}}';
    parseSpec(text, ({ pointer }) => told.push(pointer));
    expect(told).toEqual(['/root/odd', '/mounts/0/odd', '/linux/netDevices/odd/odd']);
  });

  it('finds NUL bytes', () => {
    expect(failure(() => parseProcess('{"args":["a\\u0000"],"cwd":"/"}')).problems).toMatchObject([
      { code: 'NUL_BYTE', pointer: '/args/0' },
    ]);
  });

  it('refuses numbers that lost digits', () => {
    const { problems } = validateProcess({ args: ['a'], cwd: '/', rlimits: [{ type: 'RLIMIT_AS', soft: 0, hard: 2 ** 64 }] });
    expect(problems).toMatchObject([{ code: 'BAD_INTEGER', hint: 'pass integers beyond 2^53 as bigint' }]);
  });

  it('lets update set swap alone', () => {
    expect(parseResources('{"memory":{"swap":5}}')).toEqual({ memory: { swap: 5 } });
    expect(failure(() => parseResources('{"cpu":{"idle":7}}')).pointer).toBe('/cpu/idle');
  });

  it('does not change what the library passes', () => {
    const input = Object.freeze({ ...base, hostname: null });
    expect(requireSpec(input)).toEqual(base);
  });
});
