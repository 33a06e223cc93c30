import { describe, expect, test } from 'vitest';
import type { RuntimeError } from '../errors.ts';
import type { Mount, Spec } from '../spec/types.ts';
import { requireSpec } from '../spec/validate.ts';
import { plan } from './build.ts';
import type { Step } from './plan.ts';
import { hybridHost, planOptions, smallSpec, unifiedHost } from './testing.ts';

const line = ({ steps }: ReturnType<typeof plan>): string[] =>
  steps.map(({ stage, title, pointer }) => `${stage}: ${title}${pointer ? ` (${pointer})` : ''}`);
const titles = (spec: Spec, host = unifiedHost, options = planOptions): string[] =>
  plan(spec, options, host).steps.map(({ title }) => title);
const before = (list: string[], first: string | RegExp, second: string | RegExp): boolean => {
  const index = (wanted: string | RegExp): number =>
    list.findIndex((title) => (typeof wanted === 'string' ? title === wanted : wanted.test(title)));
  return index(first) >= 0 && index(first) < index(second);
};
const withLinux = (linux: Spec['linux']): Spec => ({ ...smallSpec, linux: { ...smallSpec.linux, ...linux } });
const caught = (spec: Spec): RuntimeError => {
  try {
    plan(requireSpec(spec), planOptions, unifiedHost);
  } catch (error) {
    return error as RuntimeError;
  }
  throw new Error('no error');
};

test('the plan of a small container reads like a table of contents', () => {
  expect(line(plan(smallSpec, planOptions, unifiedHost))).toMatchSnapshot();
  expect(line(plan(smallSpec, planOptions, hybridHost))).toMatchSnapshot();
});

test('LNX-017 LNX-018 new namespaces are made at one stroke, the others kept', () => {
  const { steps } = plan(withLinux({ namespaces: [{ type: 'pid' }, { type: 'network' }, { type: 'mount' }] }), planOptions, unifiedHost);
  const clone = steps.find(({ action }) => action.op === 'ns.clone');
  expect(clone?.action).toEqual({ op: 'ns.clone', flags: 0x2000_0000 + 0x4000_0000 + 0x2_0000 });
});

test('namespaces given by path are all opened before the first is joined, the user namespace last', () => {
  const spec = withLinux({
    namespaces: [
      { type: 'user', path: '/ns/user' },
      { type: 'mount', path: '/ns/mnt' },
      { type: 'network', path: '/ns/net' },
    ],
  });
  const all = titles(spec);
  const first = all.indexOf('open the user namespace /ns/user');
  expect(all.slice(first, first + 8)).toEqual([
    'open the user namespace /ns/user',
    'open the mount namespace /ns/mnt',
    'open the network namespace /ns/net',
    'make sure that /ns/mnt is not the mount namespace of the runtime',
    'join the mount namespace /ns/mnt',
    'join the network namespace /ns/net',
    'join the user namespace /ns/user',
    'become root of the user namespace',
  ]);
  expect(before(titles(spec, { ...unifiedHost, euid: 1000 }), /^join the user/, /^join the mount/)).toBe(true);
});

test('what the container changes of a joined namespace must not be the runtime’s, before the first is joined', () => {
  const spec = {
    ...withLinux({
      namespaces: [
        { type: 'network', path: '/ns/net' },
        { type: 'uts', path: '/ns/uts' },
        { type: 'ipc', path: '/ns/ipc' },
        { type: 'mount', path: '/ns/mnt' },
      ],
      sysctl: { 'kernel.msgmni': '1' },
    }),
    hostname: 'box',
  };
  const { steps } = plan(spec, planOptions, unifiedHost);
  const guards = steps.filter(({ action }) => action.op === 'ns.foreign');
  expect(guards.map(({ pointer, action }) => [pointer, (action as { own: string }).own])).toEqual([
    ['/hostname', '/proc/self/ns/uts'],
    ['/linux/sysctl/kernel.msgmni', '/proc/self/ns/ipc'],
    ['/root', '/proc/self/ns/mnt'],
  ]);
  const last = steps.indexOf(guards[2] as Step);
  expect(steps.findIndex(({ action }) => action.op === 'ns.join')).toBe(last + 1);
  expect(steps.slice(0, last).filter(({ action }) => action.op === 'ns.open').length).toBe(4);
});

test('with a user namespace, sources are opened before it is entered and devices are bound', () => {
  const mapping = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const spec: Spec = {
    ...withLinux({ namespaces: [{ type: 'user' }, { type: 'mount' }], uidMappings: mapping, gidMappings: mapping }),
    mounts: [{ destination: '/data', source: '/srv', options: ['bind', 'ro'] }],
  };
  const all = titles(spec);
  for (const source of ['open "/srv"', 'make the device /dev/null', 'open the root filesystem /bundles/box/rootfs']) {
    expect(before(all, source, 'create a user namespace'), source).toBe(true);
  }
  expect(before(all, 'create a user namespace', 'write the id mappings of the user namespace')).toBe(true);
  expect(before(all, 'write the id mappings of the user namespace', 'wait for the id mappings')).toBe(true);
  expect(all).toContain('bind the device /dev/null');
});

describe('devices with a user namespace', () => {
  const uidMappings = [{ containerID: 5, hostID: 100_000, size: 10 }];
  const devices = [{ path: '/dev/ptmx', type: 'c', major: 5, minor: 2 }] as const;
  const joined = { namespaces: [{ type: 'user', path: '/ns/user' }, { type: 'mount' }] } as const;
  const made = (linux: Spec['linux'], host = unifiedHost) => plan(withLinux(linux), planOptions, host);
  const nodes = ({ steps }: ReturnType<typeof plan>) => steps.flatMap(({ action }) => (action.op === 'node.prepare' ? [action] : []));

  test('the owner is the host’s id, or nobody with a warning', () => {
    const device = { path: '/dev/a', type: 'c', major: 1, minor: 5, uid: 7, gid: 14 } as const;
    const own = made({ namespaces: [{ type: 'user' }], uidMappings, gidMappings: uidMappings, devices: [device] });
    expect(nodes(own).at(-1)).toMatchObject({ major: 1, minor: 5, uid: 100_002, gid: 100_009 });
    // The default devices belong to id 0, which is not there.
    expect(nodes(own)[0]).toMatchObject({ uid: 0, gid: 0 });
    expect(own.warnings.map(({ code, pointer }) => [code, pointer])).toContainEqual(['DEVICE_OWNER_UNMAPPED', undefined]);
    expect(own.warnings).toHaveLength(6);
  });

  test('in one that is joined the mount maps the owners, where the kernel can', () => {
    const all = titles(withLinux(joined));
    expect(before(all, 'map the owners of devices', 'join the user namespace /ns/user')).toBe(true);
    const old = { ...unifiedHost, kernel: [6, 2] } as const;
    expect(titles(withLinux(joined), old)).toContain("bind the host's /dev/null");
    const devices = [0o666, 0o640].map((fileMode, minor) => ({ type: 'c' as const, path: `/dev/${minor}`, major: 1, minor, fileMode }));
    const { warnings } = plan(withLinux({ ...joined, devices }), planOptions, old);
    expect(warnings.map(({ code, pointer }) => [code, pointer])).toEqual([['DEVICE_OF_HOST', '/linux/devices/1']]);
  });

  test('/dev/ptmx is the container’s own, unless something is mounted there', () => {
    expect(nodes(made({ ...joined, devices }))).toHaveLength(6);
    expect(titles(withLinux({ devices }))).not.toContain('make the device /dev/ptmx');
    const link = 'link /dev/ptmx to pts/ptmx';
    expect(titles(smallSpec)).toContain(link);
    expect(titles({ ...smallSpec, mounts: [{ destination: 'dev/ptmx', source: '/dev/null', options: ['bind'] }] })).not.toContain(link);
  });
});

test('whoever makes a user namespace hides first, and makes it for a user that nobody is', () => {
  const mapping = [
    { containerID: 0, hostID: 100_000, size: 10 },
    { containerID: 10, hostID: 5, size: 1 },
  ];
  const spec = withLinux({ namespaces: [{ type: 'user' }], uidMappings: mapping, gidMappings: mapping });
  const [hide, take] = ['hide from the processes of the container', 'take the user id 100009, which the user namespace will belong to'];
  expect(plan(spec, planOptions, unifiedHost).steps.find(({ stage }) => stage !== 'runtime')?.title).toBe(hide);
  expect(titles(spec).indexOf('create a user namespace')).toBe(titles(spec).indexOf(take) + 1);
  // Without CAP_SYS_PTRACE nobody enters a namespace of others; without root nobody else's process writes the mappings of a hidden one.
  expect(titles(spec, { ...unifiedHost, boundingCapabilities: ~(1n << 19n) })).not.toContain(take);
  const rootless = titles(spec, { ...unifiedHost, euid: 1000 });
  expect(rootless).not.toContain(take);
  expect(rootless).not.toContain(hide);
});

test('CFG-007 the root becomes read-only after everything that writes to it', () => {
  const all = titles({ ...smallSpec, root: { path: 'rootfs', readonly: true } });
  expect(before(all, /^pivot/, 'make the root filesystem read-only')).toBe(true);
  expect(before(all, /^link \/dev\/ptmx/, 'make the root filesystem read-only')).toBe(true);
});

test('the filter is loaded last under no_new_privs, else while there is the privilege to load it', () => {
  const seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }] } as const;
  const late = titles({ ...withLinux({ seccomp }), process: { ...smallSpec.process, noNewPrivileges: true, args: ['true'], cwd: '/' } });
  expect(late.at(-2)).toMatch(/^load the seccomp filter/);
  const early = titles(withLinux({ seccomp }));
  expect(before(early, /^load the seccomp filter/, /^become user/)).toBe(true);
});

test('RT-053 a container without a process can be planned and ends at the exec fifo', () => {
  const { process: _process, ...spec } = smallSpec;
  expect(titles(spec).at(-1)).toBe('wait until start reads the exec fifo');
});

describe('without a mount namespace', () => {
  const withMounts = (type: 'pid' | 'user', ...mounts: Mount[]): Spec => {
    const ids = [{ containerID: 0, hostID: 1000, size: 1 }];
    return { ...withLinux({ namespaces: [{ type }], ...(type === 'user' ? { uidMappings: ids, gidMappings: ids } : {}) }), mounts };
  };
  const proc = { destination: '/proc', type: 'proc' };

  test('mounts are made below a private mount of the rootfs, and the runtime is told', () => {
    const planned = plan(withMounts('pid', proc), planOptions, unifiedHost);
    const rootfs = planned.steps.filter(({ pointer }) => pointer === '/root/path').map(({ action }) => action.op);
    expect(rootfs).toEqual(['tree.clone', 'tree.setattr', 'rootfs.attach', 'tree.setattr']);
    expect(planned.steps.some(({ action }) => ['root.propagation', 'root.pivot', 'root.move'].includes(action.op))).toBe(false);
    expect(planned.steps.some(({ action }) => action.op === 'root.chroot')).toBe(true);
    expect(planned.mountsOnHost).toBe(true);
  });

  test('without mounts nothing is mounted', () => {
    const planned = plan(withMounts('pid'), planOptions, unifiedHost);
    expect(planned.steps.filter(({ pointer }) => pointer === '/root/path').map(({ action }) => action.op)).toEqual(['rootfs.open']);
    expect(planned.mountsOnHost).toBeUndefined();
  });

  test('sources of binds are cut from the propagation of the host', () => {
    const all = titles(withMounts('pid', { destination: '/d', source: '/s', options: ['rbind', 'rshared'] }));
    expect(before(all, `cut "/s" from the host's propagation`, 'set the propagation of "/s" on "/d"')).toBe(true);
  });

  test('a user namespace cannot mount, and what would stay is refused', () => {
    expect(caught(withMounts('user', proc))).toMatchObject({ code: 'MOUNT_NAMESPACE_MISSING', pointer: '/mounts' });
    const readonly = { ...withMounts('pid', proc), root: { path: 'rootfs', readonly: true } };
    expect(caught(readonly)).toMatchObject({ code: 'MOUNT_NAMESPACE_MISSING', pointer: '/root/readonly' });
  });
});

test('CVE-2019-16884 nothing but proc is mounted over or inside /proc', () => {
  const over = { ...smallSpec, mounts: [{ destination: '/proc', source: '/srv', options: ['bind'] }] };
  expect(caught(over)).toMatchObject({ code: 'MOUNT_INSIDE_PROC', pointer: '/mounts/0/destination' });
  const inside = { ...smallSpec, mounts: [{ destination: '/proc/../proc/sys', type: 'tmpfs' }] };
  expect(caught(inside).code).toBe('MOUNT_INSIDE_PROC');
  expect(titles({ ...smallSpec, mounts: [{ destination: '/proc/cpuinfo', source: '/x', options: ['bind'] }] })).toContain('open "/x"');
});

test('a read-only tmpfs becomes read-only only when everything below it is there', () => {
  const spec = { ...smallSpec, mounts: [{ destination: '/dev', type: 'tmpfs', options: ['ro', 'mode=755'] }] };
  expect(before(titles(spec), 'make the device /dev/null', 'make "/dev" read-only')).toBe(true);
});

test('what cannot be cloned from the mount namespace of the runtime is cloned from that of the container', () => {
  const userNamespace = { type: 'user' } as const;
  const ids = [{ containerID: 0, hostID: 0, size: 1 }];
  const linux = { namespaces: [{ type: 'mount' }, userNamespace], uidMappings: ids, gidMappings: ids } as const;
  const spec = { ...withLinux(linux), mounts: [{ destination: '/data', source: '/srv', options: ['bind'] }] };
  const host = { ...unifiedHost, initialUserNamespace: false };
  const clones = (facts: typeof host): string[] =>
    plan(spec, planOptions, facts).steps.flatMap(({ stage, action }) => (/^tree\.clone/.test(action.op) ? [stage] : []));
  expect(new Set(clones(host))).toEqual(new Set(['intermediate']));
  expect(new Set(clones({ ...host, foreignMounts: true } as typeof host))).toEqual(new Set(['init']));
});

test('--no-pivot moves the root', () => {
  expect(titles(smallSpec, unifiedHost, { ...planOptions, noPivot: true })).toContain('move /bundles/box/rootfs to /');
});

test('hooks run where the specification says', () => {
  const hook = (path: string): { path: string }[] => [{ path }];
  const hooks = { prestart: hook('/a'), createRuntime: hook('/b'), createContainer: hook('/c'), startContainer: hook('/d') };
  const all = titles({ ...smallSpec, hooks });
  const order = [
    'run prestart hook /a',
    'run createRuntime hook /b',
    'run createContainer hook /c',
    /^pivot/,
    /^wait until start/,
    'run startContainer hook /d',
  ];
  for (let index = 1; index < order.length; index++) expect(before(all, order[index - 1] as string, order[index] as string)).toBe(true);
});

test('a runtime in a user namespace of somebody else binds devices, since mknod is refused there', () => {
  const all = titles(smallSpec, { ...unifiedHost, initialUserNamespace: false });
  expect(all).toContain("bind the host's /dev/null");
  expect(all).not.toContain('make the device /dev/null');
});
