import { join } from 'node:path';
import fc from 'fast-check';
import { dropNamespace, type HookKind, setNamespace } from '../harness/config.ts';
import { from, isNew, type Piece, piece, some } from './piece.ts';

const namespace = from('new', 'none', 'held');
const whole = { containerID: 0, hostID: 100_000, size: 65_536 };
const mappings = from(
  [whole],
  [{ containerID: 0, hostID: 200_000, size: 70_000 }],
  [
    { containerID: 0, hostID: 0, size: 1 },
    { containerID: 1, hostID: 100_001, size: 65_535 },
  ],
  [
    { containerID: 0, hostID: 100_000, size: 1000 },
    { containerID: 1000, hostID: 0, size: 1 },
    { containerID: 1001, hostID: 101_001, size: 64_535 },
  ],
);

const megabytes = (...sizes: readonly number[]) => from(...sizes.map((size) => size * 1024 * 1024));
const rule = fc.record(
  {
    allow: fc.boolean(),
    type: from('c', 'b', 'a'),
    major: from(1, 10, 254),
    minor: from(3, 5, 200),
    access: from('r', 'w', 'rw', 'rwm', 'm'),
  },
  { requiredKeys: ['allow', 'type', 'access'] },
);

/** Calls that no runtime needs, and whose failing hurts nobody. */
const filtered = fc.array(
  fc.record(
    {
      names: fc.subarray(['vhangup', 'swapoff', 'getpriority', 'sched_yield', 'umask'], { minLength: 1 }),
      action: from('SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'),
      errnoRet: from(1, 38, 95),
      args: fc.array(
        fc.record({ index: from(0, 1), value: from(0, 1, 18), op: from('SCMP_CMP_EQ', 'SCMP_CMP_NE', 'SCMP_CMP_GE', 'SCMP_CMP_LT') }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['names', 'action'] },
  ),
  { maxLength: 3 },
);

const hookKinds: readonly HookKind[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

export const hostPieces: readonly Piece[] = [
  piece(
    'namespaces',
    some({ network: namespace, ipc: namespace, uts: namespace, pid: namespace, cgroup: from('new', 'none') }),
    (wanted, { config, held }) => {
      for (const [type, how] of Object.entries(wanted)) {
        if (how === 'none') dropNamespace(config, type);
        else setNamespace(config, type, how === 'held' ? held[type] : undefined);
      }
      if (!isNew(config, 'uts')) delete config.hostname;
    },
  ),
  piece('user namespace', mappings, (list, { config }) => {
    // Of a namespace that belongs to another user namespace little works; that has tests of its own.
    for (const type of ['pid', 'network', 'ipc', 'uts']) setNamespace(config, type);
    setNamespace(config, 'user');
    Object.assign(config.linux, { uidMappings: list, gidMappings: list });
  }),
  piece(
    'time namespace',
    some({ monotonic: fc.record({ secs: from(1000, 86_400) }), boottime: fc.record({ secs: from(1000), nanosecs: from(0, 5) }) }),
    (timeOffsets, { config }) => {
      setNamespace(config, 'time');
      Object.assign(config.linux, { timeOffsets });
    },
    { runc: '1.2', crun: '1.9' },
  ),
  piece('host name', from('a', 'a.b', 'x'.repeat(64)), (hostname, { config }) => {
    if (isNew(config, 'uts')) Object.assign(config, { hostname });
  }),
  piece(
    'domain name',
    from('a', 'example.org', 'x'.repeat(64)),
    (domainname, { config }) => {
      if (isNew(config, 'uts')) Object.assign(config, { domainname });
    },
    { runc: '1.2' },
  ),
  piece(
    'memory',
    some({
      limit: megabytes(64, 256),
      reservation: megabytes(32, 64),
      swap: megabytes(256, 512),
      swappiness: from(0, 60, 100),
      disableOOMKiller: fc.boolean(),
    }),
    (memory, { config }) => {
      config.linux.resources = { ...config.linux.resources, memory };
    },
  ),
  piece(
    'cpu',
    some({
      shares: from(128, 512, 1024, 10_000),
      quota: from(-1, 100_000, 400_000),
      period: from(50_000, 100_000),
      cpus: from('0', '0-1', '1'),
      mems: from('0'),
    }),
    (cpu, { config }) => {
      config.linux.resources = { ...config.linux.resources, cpu };
    },
  ),
  piece('pids', from(-1, 100, 1000), (limit, { config }) => {
    config.linux.resources = { ...config.linux.resources, pids: { limit } };
  }),
  piece('device rules', fc.array(rule, { maxLength: 4 }), (rules, { config }) => {
    config.linux.resources = { ...config.linux.resources, devices: [{ allow: false, access: 'rwm' }, ...rules] };
  }),
  piece('seccomp', filtered, (syscalls, { config }) => {
    const list = syscalls.map(({ errnoRet, ...rest }) => ({
      ...rest,
      ...(rest.action === 'SCMP_ACT_ERRNO' && errnoRet !== undefined ? { errnoRet } : {}),
    }));
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls: list };
  }),
  piece('hooks', fc.subarray([...hookKinds]), (kinds, { config, bundle }) => {
    const log = join(bundle.directory, 'hooks');
    const hook = (kind: HookKind) => ({
      path: '/bin/sh',
      args: [
        'sh',
        '-c',
        `echo "${kind} $(pwd) $X $(tr -d ' \\n' | sed 's/.*"status":"\\([a-z]*\\)".*/\\1/')" >>${kind === 'startContainer' ? '/dev/shm/hooks' : log}`,
      ],
      env: ['PATH=/usr/bin:/bin', 'X=1'],
    });
    config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [hook(kind)]]));
  }),
];
