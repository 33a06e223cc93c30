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

/** Those that begin with the name of a runtime, or that systemd's driver reads, tell it something. */
const annotation = from('org.example.key', 'com.example/a.b', 'x', 'ä', 'with space', 'io.kubernetes.cri.sandbox-id', '__proto__');

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
  piece('seccomp', filtered, (syscalls, { config }) => {
    const list = syscalls.map(({ errnoRet, ...rest }) => ({
      ...rest,
      ...(rest.action === 'SCMP_ACT_ERRNO' && errnoRet !== undefined ? { errnoRet } : {}),
    }));
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls: list };
  }),
  piece('hooks', fc.subarray([...hookKinds]), (kinds, { config, bundle }) => {
    const log = join(bundle.directory, 'hooks');
    const outside = (kind: HookKind) => `printf '%s %s %s %s\\n' ${kind} "$(pwd)" "$X" "$(tr -d '\\n')" >>${log}`;
    // Where the file cannot be made it is not there: a container may have nothing that its user may write to.
    const inside = `[ ! -d /dev/shm ] || echo "$(pwd) $X $(tr -d ' \\n' | sed 's/.*"status":"\\([a-z]*\\)".*/\\1/')" >>/dev/shm/hooks`;
    const hook = (kind: HookKind) => ({
      path: '/bin/sh',
      args: ['sh', '-c', kind === 'startContainer' ? inside : outside(kind)],
      env: ['PATH=/usr/bin:/bin', 'X=1'],
    });
    config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [hook(kind)]]));
  }),
  piece(
    'annotations',
    fc.dictionary(annotation, fc.oneof(from('', 'a', '{"b": [1]}', 'ü\n', 'x'.repeat(3000)), fc.string()), { maxKeys: 4 }),
    (annotations, { config }) => {
      config.annotations = { ...annotations };
    },
  ),
];
