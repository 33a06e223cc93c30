import { describe, expect, it } from 'vitest';
import { base, type Json, linux, problems, proc, resources, seccomp } from './testing.ts';
import { parseSpec } from './validate.ts';

const ids = [{ containerID: 0, hostID: 1, size: 1 }];
const mapped = { uidMappings: ids, gidMappings: ids };
const mount = (members: Json): Json => ({ ...linux({}), mounts: [{ destination: '/a', ...members }] });

/** Clause or chapter, configuration, expected findings. */
const refused: readonly (readonly [string, Json, ...string[]])[] = [
  ['CFG-001 no version', { ociVersion: undefined }, 'MISSING_PROPERTY /ociVersion'],
  ['CFG-001 not SemVer', { ociVersion: '1.0' }, 'BAD_VERSION /ociVersion'],
  ['CFG-001 no string', { ociVersion: 1 }, 'WRONG_TYPE /ociVersion'],
  ['CFG-002 other major', { ociVersion: '2.0.0' }, 'BAD_VERSION /ociVersion'],
  ['CFG-003 no root', { root: undefined }, 'MISSING_PROPERTY /root'],
  ['CFG-004 empty path', { root: { path: '' } }, 'EMPTY /root/path'],
  ['CFG-009 no destination', { mounts: [{ source: 'a' }] }, 'MISSING_PROPERTY /mounts/0/destination'],
  ['CFG-019 one mapping', { mounts: [{ destination: '/a', type: 'tmpfs', uidMappings: ids }] }, 'NEEDS_PROPERTY /mounts/0/uidMappings'],
  [
    'MNT-060 idmap without mapping',
    { mounts: [{ destination: '/a', type: 'tmpfs', options: ['idmap'] }] },
    'NEEDS_PROPERTY /mounts/0/options',
  ],
  ['CFG-012 a bind of nothing', mount({ options: ['rbind'] }), 'MOUNT_SOURCE_MISSING /mounts/0/source'],
  ['CFG-014 no type', mount({ source: '/a' }), 'MOUNT_TYPE_MISSING /mounts/0/type'],
  ['CFG-014 an empty type', mount({ source: '/a', type: '', options: ['ro'] }), 'MOUNT_TYPE_MISSING /mounts/0/type'],
  ['MNT-060 idmap of overlay', mount({ type: 'overlay', ...mapped }), 'IDMAP_NOT_SUPPORTED /mounts/0'],
  ['MNT-060 idmap of a cgroup', mount({ type: 'cgroup', options: ['idmap'], ...mapped }), 'IDMAP_NOT_SUPPORTED /mounts/0'],
  ['MNT-060 idmap of a remount', mount({ options: ['remount', 'bind'], ...mapped }), 'IDMAP_NOT_SUPPORTED /mounts/0'],
  ['MNT-060 idmap by mount(2)', mount({ type: 'ext4', options: ['iversion'], ...mapped }), 'IDMAP_NOT_SUPPORTED /mounts/0'],
  ['CVE-2019-16884 over proc', mount({ destination: '/proc', source: '/a', options: ['bind'] }), 'MOUNT_INSIDE_PROC /mounts/0/destination'],
  ['CVE-2019-16884 in proc', mount({ destination: 'x/.././proc//sys', type: 'tmpfs' }), 'MOUNT_INSIDE_PROC /mounts/0/destination'],
  [
    'CFG-008 mounts in a user namespace alone',
    { ...linux({ namespaces: [{ type: 'user' }], uidMappings: ids, gidMappings: ids }), mounts: [{ destination: '/a', type: 'tmpfs' }] },
    'MOUNT_NAMESPACE_MISSING /mounts',
  ],
  ['CFG-007 the host read-only', { root: { path: 'a', readonly: true } }, 'MOUNT_NAMESPACE_MISSING /root/readonly'],
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
  ['CFG-055 no runtime', proc({ scheduler: { policy: 'SCHED_DEADLINE', deadline: 5000 } }), 'OUT_OF_RANGE /process/scheduler/runtime'],
  [
    'CFG-056 no deadline',
    proc({ scheduler: { policy: 'SCHED_DEADLINE' } }),
    'OUT_OF_RANGE /process/scheduler/runtime',
    'OUT_OF_RANGE /process/scheduler/deadline',
  ],
  [
    'CFG-056 deadline before the runtime',
    proc({ scheduler: { policy: 'SCHED_DEADLINE', runtime: 30_000, deadline: 10_000, period: 40_000 } }),
    'OUT_OF_RANGE /process/scheduler/deadline',
  ],
  [
    'CFG-057 period before the deadline',
    proc({ scheduler: { policy: 'SCHED_DEADLINE', runtime: 1024, deadline: 2n ** 60n, period: 2n ** 60n - 1n } }),
    'OUT_OF_RANGE /process/scheduler/period',
  ],
  [
    'CFG-068 groups',
    proc({ user: { uid: 0, gid: 0, additionalGids: Array(65_537).fill(1) } }),
    'OUT_OF_RANGE /process/user/additionalGids',
  ],
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
  [
    'LNX-021 mappings that overlap inside',
    linux({ namespaces: [{ type: 'user' }], uidMappings: [...ids, { containerID: 0, hostID: 2, size: 1 }], gidMappings: ids }),
    'CONFLICT /linux/uidMappings/1',
  ],
  [
    'LNX-021 mappings that overlap outside',
    linux({ namespaces: [{ type: 'user' }], uidMappings: ids, gidMappings: [...ids, { containerID: 9, hostID: 0, size: 2 }] }),
    'CONFLICT /linux/gidMappings/1',
  ],
  [
    'MNT-060 mappings of a mount that overlap',
    mount({ type: 'tmpfs', uidMappings: [...ids, ...ids], gidMappings: ids }),
    'CONFLICT /mounts/0/uidMappings/1',
  ],
  ['LNX-144 local', linux({ memoryPolicy: { mode: 'MPOL_LOCAL', flags: ['MPOL_F_STATIC_NODES'] } }), 'CONFLICT /linux/memoryPolicy/flags'],
  [
    'LNX-144 preferred',
    linux({ memoryPolicy: { mode: 'MPOL_PREFERRED', flags: ['MPOL_F_RELATIVE_NODES'] } }),
    'CONFLICT /linux/memoryPolicy/flags',
  ],
  [
    'LNX-144 balancing',
    linux({ memoryPolicy: { mode: 'MPOL_INTERLEAVE', nodes: '0', flags: ['MPOL_F_NUMA_BALANCING'] } }),
    'CONFLICT /linux/memoryPolicy/flags',
  ],
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

/** What a flag or the machine may bring about: `create` leaves the answer to the plan. */
const foretold: readonly (readonly [string, Json, ...string[]])[] = [
  [
    'CLI-118 no property',
    { annotations: { 'org.systemd.property.PIDs': '1' } },
    'INVALID_ANNOTATION /annotations/org.systemd.property.PIDs',
  ],
  ['CLI-118 no value', { annotations: { 'org.systemd.property.A/b': 'x' } }, 'INVALID_ANNOTATION /annotations/org.systemd.property.A~1b'],
  ['LNX-059 two lines', linux({ cgroupsPath: '/a\nb' }), 'INVALID_CGROUPS_PATH /linux/cgroupsPath'],
  ['LNX-059 the root cgroup', linux({ cgroupsPath: '/./' }), 'INVALID_CGROUPS_PATH /linux/cgroupsPath'],
  ['LNX-117 a list', resources({ unified: { 'cpuset.cpus': '3-1' } }), 'CPU_LIST_INVALID /linux/resources/unified/cpuset.cpus'],
  [
    'LNX-163 two answers to one question',
    seccomp({
      syscalls: ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL'].map((action) => ({
        names: ['read'],
        action,
        args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }],
      })),
    }),
    'SECCOMP_CONFLICT /linux/seccomp/syscalls/1',
  ],
];

describe('foretold', () => {
  it.each(foretold.map(([title, members, ...expected]) => ({ title, members, expected })))('$title', ({ members, expected }) => {
    expect(problems(members)).toEqual(expected);
    expect(() => parseSpec(JSON.stringify({ ...base, ...members }))).not.toThrow();
  });
});

describe('what nothing else is wrong with', () => {
  const text = (members: Json): string => JSON.stringify({ ...base, ...members });

  it('has the code and the place of what is wrong for its error', () => {
    expect(() => parseSpec(text(mount({ options: ['bind'] })))).toThrow(
      expect.objectContaining({
        code: 'MOUNT_SOURCE_MISSING',
        pointer: '/mounts/0/source',
        message: 'required property "source" of the bind mount on "/a" is missing',
      }),
    );
  });

  it('breaks the specification first, when it does that too', () => {
    expect(() => parseSpec(text({ ...mount({}), process: { args: ['a'], cwd: 'x' } }))).toThrow(
      expect.objectContaining({ code: 'INVALID_SPEC', pointer: '/process/cwd' }),
    );
  });
});

describe('refused', () => {
  it.each(refused.map(([title, members, ...expected]) => ({ title, members, expected })))('$title', ({ members, expected }) => {
    expect(problems(members)).toEqual(expected);
  });
});
