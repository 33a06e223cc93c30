import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { from, mayRaise, type Piece, piece, some } from './piece.ts';

const names = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SYS_CHROOT',
];
const capabilities = names
  .concat('MKNOD', 'AUDIT_WRITE', 'SETFCAP', 'SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN', 'BPF', 'CHECKPOINT_RESTORE', 'SYS_RESOURCE')
  .map((name) => `CAP_${name}`);

/** Each set is part of the one that it has to be part of. */
const capabilitySets = fc
  .subarray(capabilities)
  .chain((bounding) =>
    fc
      .subarray(bounding)
      .chain((permitted) => fc.tuple(fc.constant({ bounding, permitted }), fc.subarray(permitted), fc.subarray(permitted))),
  )
  .chain(([sets, effective, inheritable]) => fc.subarray(inheritable).map((ambient) => ({ ...sets, effective, inheritable, ambient })));

/** As /proc/self/limits has them. */
const limitNames: Readonly<Record<string, string>> = {
  RLIMIT_NOFILE: 'open files',
  RLIMIT_CORE: 'core file size',
  RLIMIT_NPROC: 'processes',
  RLIMIT_STACK: 'stack size',
  RLIMIT_FSIZE: 'file size',
  RLIMIT_CPU: 'cpu time',
  RLIMIT_DATA: 'data size',
  RLIMIT_RSS: 'resident set',
  RLIMIT_MEMLOCK: 'locked memory',
  RLIMIT_AS: 'address space',
  RLIMIT_LOCKS: 'file locks',
  RLIMIT_SIGPENDING: 'pending signals',
  RLIMIT_MSGQUEUE: 'msgqueue size',
  RLIMIT_NICE: 'nice priority',
  RLIMIT_RTPRIO: 'realtime priority',
  RLIMIT_RTTIME: 'realtime timeout',
};

const gigabyte = 1 << 30;
/** No smaller than what a runtime needs that limits itself, and than what is written here. */
const limits: Readonly<Record<string, readonly number[]>> = {
  RLIMIT_NOFILE: [256, 1024, 4096],
  RLIMIT_CORE: [0, 4096, gigabyte],
  RLIMIT_NPROC: [2000, 10_000],
  RLIMIT_STACK: [1 << 20, 8 << 20],
  RLIMIT_FSIZE: [1 << 24, gigabyte],
  RLIMIT_CPU: [100, 1000],
  RLIMIT_DATA: [gigabyte, 4 * gigabyte],
  RLIMIT_RSS: [gigabyte],
  RLIMIT_MEMLOCK: [65_536, 1 << 20],
  RLIMIT_AS: [64 * gigabyte],
  RLIMIT_LOCKS: [10, 1000],
  RLIMIT_SIGPENDING: [1000, 5000],
  RLIMIT_MSGQUEUE: [10_000, 819_200],
  RLIMIT_NICE: [0, 10],
  RLIMIT_RTPRIO: [0, 5],
  RLIMIT_RTTIME: [1_000_000],
};
const rlimits = fc
  .subarray(Object.keys(limits), { maxLength: 4 })
  .chain((types) =>
    fc.tuple(
      ...types.map((type) =>
        fc
          .tuple(from(...(limits[type] ?? [])), from(...(limits[type] ?? [])))
          .map((pair) => ({ type, soft: Math.min(...pair), hard: Math.max(...pair) })),
      ),
    ),
  );

/** The hard limit of this process in the units of setrlimit(2). */
function hardLimit(type: string): number {
  const words = limitNames[type] ?? type;
  const text = new RegExp(`^Max ${words} +\\S+ +(\\S+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 'unlimited';
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
}

/** Limits that this host can give. */
function possible<T extends { readonly type: string; readonly soft: number; readonly hard: number }>(limit: T): T {
  const most = mayRaise ? Number.POSITIVE_INFINITY : hardLimit(limit.type);
  return { ...limit, soft: Math.min(limit.soft, most), hard: Math.min(limit.hard, most) };
}

const id = from(0, 1, 5, 1000, 65_534);
const variables = fc.subarray([
  'A=1',
  'A=2',
  'EMPTY=',
  'SPACES= a b ',
  'EQUALS=a=b',
  'HOME=/elsewhere',
  'HOME=',
  'TERM=xterm',
  'ÄÖ=ü',
  'LINES=a\nb',
  'lower=1',
  '1=2',
]);

export const processPieces: readonly Piece[] = [
  piece(
    'user',
    some({ uid: id, gid: id, umask: from(0, 0o22, 0o77, 0o777), additionalGids: fc.uniqueArray(id, { maxLength: 3 }) }),
    (user, { config }) => Object.assign(config.process.user, user),
  ),
  piece('capabilities', capabilitySets, (sets, { config }) => Object.assign(config.process, { capabilities: sets })),
  piece('rlimits', rlimits, (list, { config }) => Object.assign(config.process, { rlimits: list.map(possible) })),
  piece('environment', variables, (list, { config }) => config.process.env.push(...list)),
  piece('without PATH', from(true), (_, { config }) => {
    config.process.env = config.process.env.filter((entry) => !entry.startsWith('PATH='));
  }),
  piece('cwd', from('/tmp', '/data', '/root', '/made', '/made/deep', '/link', '/tmp/'), (cwd, { config }) =>
    Object.assign(config.process, { cwd }),
  ),
  piece('noNewPrivileges', fc.boolean(), (noNewPrivileges, { config }) => Object.assign(config.process, { noNewPrivileges })),
  piece('oomScoreAdj', from(-999, -1, 0, 1, 500, 1000), (wanted, { config }) =>
    Object.assign(config.process, { oomScoreAdj: mayRaise ? wanted : Math.abs(wanted) }),
  ),
  piece(
    'scheduler',
    fc.oneof(
      fc.record({ policy: from('SCHED_OTHER', 'SCHED_BATCH'), nice: from(-5, 0, 10, 19) }),
      fc.record({ policy: from('SCHED_IDLE') }),
    ),
    (scheduler, { config }) => Object.assign(config.process, { scheduler }),
    { runc: '1.2', crun: '1.8.6' },
  ),
  piece(
    'ioPriority',
    fc.record({ class: from('IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE'), priority: from(0, 4, 7) }),
    (ioPriority, { config }) => Object.assign(config.process, { ioPriority }),
    { runc: '1.2', crun: '1.8.6' },
  ),
  piece('status', from(0, 1, 42, 255), (status, { config }) => {
    config.process.args[2] = String(status);
  }),
];
