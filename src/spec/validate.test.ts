import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactJson } from './exact-json.ts';
import { pointerParts, valueAt } from './pointer.ts';
import { base, brief, type Json, linux, problems, proc, resources, warnings } from './testing.ts';
import { parseSpec, validateSpec } from './validate.ts';

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
      mounts: [{ destination: '/a', type: 'tmpfs', option: [] }],
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
