import fc from 'fast-check';

const from = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const maybe = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
/** Each member is there or not, and mostly not, so that configurations come out right. */
const some = <T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc
    .record(Object.fromEntries(Object.entries<fc.Arbitrary<unknown>>(members).map(([name, value]) => [name, maybe(value)])))
    .map((found) => Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Partial<T>);
const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 });
const byName = <T>(names: readonly string[], value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(from(...names), value, { maxKeys: 2 });

const size = from<number | bigint>(-1, 0, 1, 10, 4096, 1 << 30, (1n << 63n) - 1n);
const count = from(0, 1, 10, 100, 1000);
const list = from('', '0', '0-3', '0-3,7', '1-10:2/5', 'x', '3-1', ' 0 ', '0,,2');
const id = from(0, 1, 1000, 65534);
const mappings = from(undefined, [], [{ containerID: 0, hostID: 1000, size: 65536 }], [{ containerID: 0, hostID: 0, size: 1 }]);

const mount = some({
  destination: from('/a', 'a', '/dev', '/proc', '/proc/x', '/sys/../proc/self', '/proc/cpuinfo', '/sys/fs/cgroup', '/dev/ptmx'),
  type: from('', 'tmpfs', 'proc', 'sysfs', 'mqueue', 'devpts', 'overlay', 'cgroup', 'cgroup2', 'bind', 'none', 'ext4'),
  source: from('', '/srv', 'srv', 'proc', '/proc', 'rootfs/a', '/bundles/box/rootfs/a'),
  options: few(
    from(
      'bind',
      'rbind',
      'remount',
      'ro',
      'rro',
      'nosuid',
      'idmap',
      'ridmap',
      'iversion',
      'noiversion',
      'silent',
      'tmpcopyup',
      'rshared',
      'mode=755',
      'context="a,b"',
      `o=${'x'.repeat(300)}`,
    ),
  ),
  uidMappings: mappings,
  gidMappings: mappings,
}).map((members) => ({ destination: '/a', ...members }));

const rule = some({ type: from('a', 'b', 'c', ''), major: size, minor: size, access: from('', 'r', 'rwm', 'rwx', 'constructor') }).map(
  (members) => ({ allow: true, ...members }),
);
const throttle = fc.record({ major: from(0, 8), minor: from(0, 1), rate: count });

const resources = some({
  devices: few(fc.tuple(rule, fc.boolean()).map(([members, allow]) => ({ ...members, allow }))),
  memory: some({ limit: size, reservation: size, swap: size, kernel: size, swappiness: count, disableOOMKiller: fc.boolean() }),
  cpu: some({
    shares: count,
    quota: size,
    burst: count,
    period: count,
    realtimeRuntime: count,
    cpus: list,
    mems: list,
    idle: from(0, 1, 2),
  }),
  pids: fc.record({ limit: size }),
  blockIO: some({
    weight: from(0, 9, 10, 1000),
    leafWeight: from(0, 10),
    weightDevice: few(fc.record({ major: from(8), minor: from(0), weight: from(10, 500) })),
    throttleReadBpsDevice: few(throttle),
    throttleWriteIOPSDevice: few(throttle),
  }),
  hugepageLimits: few(fc.record({ pageSize: from('2MB', '1GB', '2M', 'constructor'), limit: count })),
  network: some({ classID: count, priorities: few(fc.record({ name: from('eth0', 'a b'), priority: count })) }),
  rdma: byName(['mlx5_0', '__proto__', 'a/b'], some({ hcaHandles: count, hcaObjects: count })),
  unified: byName(
    [
      'memory.max',
      'memory.high',
      'cpu.max',
      'cpu.idle',
      'cpu.weight',
      'cpuset.cpus',
      'cpuset.mems',
      'pids.max',
      'cgroup.freeze',
      'x',
      'constructor',
    ],
    from('', '1', 'max', '100 200', '0-3', 'x', '1\n2'),
  ),
});

const argument = fc.record({
  index: from(0, 1, 6),
  value: from<number | bigint>(0, 1, 1n << 32n, (1n << 64n) - 1n),
  valueTwo: from(0, 1),
  op: from('SCMP_CMP_EQ', 'SCMP_CMP_NE', 'SCMP_CMP_GE', 'SCMP_CMP_MASKED_EQ'),
});
const action = from('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL', 'SCMP_ACT_TRACE', 'SCMP_ACT_NOTIFY');
const syscall = fc
  .tuple(
    fc.array(from('read', 'write', 'clone', 'socket', 'nosuch', ''), { minLength: 1, maxLength: 2 }),
    action,
    some({ errnoRet: from(0, 1, 38, 5000), args: few(argument) }),
  )
  .map(([names, word, members]) => ({ names, action: word, ...members }));
const seccomp = some({
  architectures: few(from('SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_X86_64', 'SCMP_ARCH_S390', 'SCMP_ARCH_AARCH64')),
  flags: few(from('SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV')),
  listenerPath: from('', '/run/agent'),
  listenerMetadata: from('', 'x'),
  defaultErrnoRet: from(1, 38),
  syscalls: fc.array(syscall, { maxLength: 5 }),
}).chain((members) => from('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_NOTIFY').map((defaultAction) => ({ defaultAction, ...members })));

const namespaceTypes = ['pid', 'mount', 'network', 'ipc', 'uts', 'user', 'cgroup', 'time'];
const namespaces = fc.tuple(fc.subarray(namespaceTypes), fc.subarray(namespaceTypes), fc.boolean()).map(([types, joined, usual]) =>
  [...new Set([...(usual ? ['mount'] : []), ...types])].map((type) => ({
    type,
    ...(joined.includes(type) ? { path: `/ns/${type}` } : {}),
  })),
);

const linux = fc
  .tuple(
    namespaces,
    some({
      uidMappings: mappings,
      gidMappings: mappings,
      timeOffsets: byName(['monotonic', 'boottime', 'toString'], some({ secs: from(-1, 5), nanosecs: from(0, 1e9) })),
      devices: few(
        some({ major: size, minor: size, fileMode: from(0o666, 0o1777, 9999), uid: id, gid: id }).chain((members) =>
          fc
            .record({ path: from('/dev/x', 'x', '/dev/null'), type: from('c', 'b', 'u', 'p') })
            .map((device) => ({ ...device, ...members })),
        ),
      ),
      netDevices: byName(['eth0', 'a b', '__proto__'], some({ name: from('', 'eth1', 'eth%d', '%x') })),
      cgroupsPath: from('/box', 'box', '/', '', './', '../a', 'a/../b', 'a\nb', 'a:b:c', 'system.slice:runts:x', '::'),
      resources,
      sysctl: byName(['net.ipv4.ip_forward', 'net/ipv4/ip_forward', 'kernel.msgmax', 'kernel.hostname', 'constructor'], from('1', 'a\nb')),
      seccomp,
      rootfsPropagation: from('', 'private', 'rslave', 'shared', 'unbindable', 'constructor'),
      maskedPaths: few(from('/proc/kcore', 'x', '')),
      readonlyPaths: few(from('/proc/sys', '/', '')),
      mountLabel: from('', 'system_u:object_r:t:s0'),
      intelRdt: some({
        closID: from('', '/', 'a', 'a/b'),
        l3CacheSchema: from('', 'L3:0=f', 'x'),
        memBwSchema: from('', 'MB:0=1', 'x'),
        schemata: few(from('L3:0=f', 'a\nb')),
        enableMonitoring: fc.boolean(),
      }),
      personality: fc.record({ domain: from('LINUX', 'LINUX32') }),
      memoryPolicy: some({ nodes: list, flags: few(from('MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES')) }).chain((members) =>
        from('MPOL_DEFAULT', 'MPOL_BIND', 'MPOL_LOCAL', 'MPOL_PREFERRED').map((mode) => ({ mode, ...members })),
      ),
    }),
  )
  .map(([list_, members]) => ({ namespaces: list_, ...members }));

const capabilities = few(from('CAP_CHOWN', 'CAP_SYS_ADMIN', 'CAP_NONE', 'constructor'));
const process = some({
  terminal: fc.boolean(),
  consoleSize: fc.record({ height: count, width: from(1, 70_000) }),
  env: few(from('A=1', 'HOME=', 'PATH=/x', '=', 'A')),
  user: some({ uid: id, gid: id, umask: from(0o22, 9999), additionalGids: few(id) }),
  rlimits: few(
    fc.record({
      type: from('RLIMIT_NOFILE', 'RLIMIT_AS', 'RLIMIT_X'),
      soft: size.map((n) => (Number(n) < 0 ? 0 : n)),
      hard: from<number | bigint>(100, (1n << 64n) - 1n),
    }),
  ),
  capabilities: some({
    bounding: capabilities,
    effective: capabilities,
    permitted: capabilities,
    inheritable: capabilities,
    ambient: capabilities,
  }),
  apparmorProfile: from('', 'profile'),
  selinuxLabel: from('', 'label'),
  noNewPrivileges: fc.boolean(),
  oomScoreAdj: from(-1000, 0, 1001),
  scheduler: some({
    nice: from(0, 19, 20),
    priority: from(0, 1, 99),
    flags: few(from('SCHED_FLAG_RESET_ON_FORK')),
    runtime: count,
    deadline: count,
    period: count,
  }).chain((members) => from('SCHED_OTHER', 'SCHED_FIFO', 'SCHED_ISO', 'SCHED_DEADLINE').map((policy) => ({ policy, ...members }))),
  ioPriority: fc.record({ class: from('IOPRIO_CLASS_RT', 'IOPRIO_CLASS_IDLE'), priority: from(0, 7, 8) }),
  execCPUAffinity: some({ initial: list, final: list }),
}).map((members) => ({ args: ['sh'], cwd: '/', ...members }));

const hook = some({ args: few(from('a', '')), env: few(from('A=1', 'A')), timeout: from(0, 1) }).chain((members) =>
  from('/bin/true', 'true').map((path) => ({ path, ...members })),
);

/** Configurations of which about a third are right; one in two has few members, so that what is wrong with the rest does not hide what is wrong with these. */
const whole = some({
  process,
  hostname: from('', 'a', 'a'.repeat(65)),
  mounts: fc.array(mount, { maxLength: 3 }),
  annotations: byName(
    [
      'a',
      'org.systemd.property.TimeoutStopUSec',
      'org.systemd.property.CollectMode',
      'org.systemd.property.PIDs',
      'org.systemd.property.ab',
      '__proto__',
    ],
    from('', '1', "'inactive'", 'uint64 5', '[1, 2]', 'constructor 1'),
  ),
  hooks: some({
    prestart: few(hook),
    createRuntime: few(hook),
    createContainer: few(hook),
    startContainer: few(hook),
    poststart: few(hook),
    poststop: few(hook),
  }),
  linux,
});
export const config = fc
  .tuple(
    whole,
    fc.subarray(['process', 'hostname', 'mounts', 'annotations', 'hooks', 'linux'], { minLength: 1, maxLength: 3 }),
    linux,
    fc.boolean(),
    fc.boolean(),
  )
  .chain(([all, kept, { namespaces: spaces, ...others }, readonly, narrow]) =>
    fc.subarray(Object.keys(others), { maxLength: Math.min(2, Object.keys(others).length) }).map((members) => {
      const base = { ociVersion: '1.3.0', root: { path: 'rootfs', readonly }, process: { args: ['sh'], cwd: '/' } };
      const of = (object: object, names: readonly string[]) =>
        Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
      return narrow ? { ...base, ...of(all, kept), linux: { namespaces: spaces, ...of(others, members) } } : { ...base, ...of(all, kept) };
    }),
  );
