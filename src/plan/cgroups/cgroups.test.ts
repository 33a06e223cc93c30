import { describe, expect, it } from 'vitest';
import type { CgroupFacts } from '../../host/facts.ts';
import type { Linux } from '../../spec/types.ts';
import { hybridHost, smallSpec } from '../testing.ts';
import { planCgroups } from './cgroups.ts';
import { factsWith, failure, hybrid, planFor, specWith, unified, v1, writes } from './testing.ts';

describe('paths (LNX-059 to LNX-062)', () => {
  const legacy: CgroupFacts = { mode: 'legacy', hierarchies: v1(['memory'], '/own'), unifiedControllers: [] };
  it.each([
    ['absolute', legacy, '/a/b', '/sys/fs/cgroup/memory/a/b'],
    ['relative', legacy, 'a/b', '/sys/fs/cgroup/memory/own/a/b'],
    ['absent', legacy, undefined, '/sys/fs/cgroup/memory/own/c1'],
    ['empty', legacy, '', '/sys/fs/cgroup/memory/own/c1'],
    ['v2 absolute', unified, '/a//b/', '/sys/fs/cgroup/a/b'],
    ['v2 relative: beside the runtime, not inside its cgroup', unified, 'a', '/sys/fs/cgroup/user.slice/a'],
    ['v2 absent', unified, undefined, '/sys/fs/cgroup/user.slice/c1'],
  ])('%s', (_title, cgroup, cgroupsPath, expected) => {
    const { cgroupPaths } = planFor(cgroup, cgroupsPath === undefined ? {} : { cgroupsPath });
    expect(Object.values(cgroupPaths)).toEqual([expected]);
  });

  it('follows a mount that shows only a part of the hierarchy', () => {
    const inside = (own: string): CgroupFacts => ({
      ...legacy,
      hierarchies: { memory: { mountPoint: '/sys/fs/cgroup/memory', root: '/docker/x', own } },
    });
    expect(planFor(inside('/docker/x/y'), {}).cgroupPaths['memory']).toBe('/sys/fs/cgroup/memory/y/c1');
    expect(planFor(inside('/elsewhere'), {}).cgroupPaths['memory']).toBe('/sys/fs/cgroup/memory/c1');
  });

  it('never sees a path with "..", which a rule refuses or mends', () => {
    expect(() => planFor(unified, { cgroupsPath: 'a/../../b' })).toThrow(/not validated/);
  });

  it.each(['/', '.', 'a\nb'])('refuses %j', (cgroupsPath) => {
    expect(failure(() => planFor(unified, { cgroupsPath }))).toMatchObject({ code: 'INVALID_CGROUPS_PATH', pointer: '/linux/cgroupsPath' });
  });
});

describe('joining', () => {
  const withoutCloneInto = { machine: 'riscv64' } as const;

  it('has init start in the unified cgroup, which is made first', () => {
    const { firstSteps, steps, joinSteps } = planFor(unified, { cgroupsPath: '/c', resources: { pids: { limit: 5 } } });
    expect(firstSteps.map(({ action }) => action.op)).toEqual(['cgroup.create', 'cgroup.enable', 'cgroup.spawnInto']);
    expect(firstSteps.every((step) => !('at' in step))).toBe(true);
    expect(steps.map(({ action }) => action.op)).toEqual(['cgroup.write', 'cgroup.deviceFilter']);
    expect(joinSteps).toEqual([]);
    const mixed = planFor(hybrid, { cgroupsPath: '/c' });
    expect(mixed.firstSteps.map(({ action }) => action.op)).toEqual(['cgroup.create', 'cgroup.spawnInto']);
    expect(planFor(hybrid, { cgroupsPath: '/c' }, { machine: 'aarch64' }).firstSteps).toEqual(mixed.firstSteps);
    expect(JSON.stringify(mixed.steps)).not.toContain('cgroup.procs');
  });

  it.each([{ memory: { limit: 131072 } }, { unified: { 'memory.max': '131072' } }])(
    'lets init build the container outside of %j',
    (resources) => {
      const { firstSteps, joinSteps, lateJoinSteps } = planFor(unified, { cgroupsPath: '/c', resources });
      expect([...firstSteps, ...joinSteps]).toEqual([]);
      expect(lateJoinSteps.map(({ action }) => action.op)).toEqual(['cgroup.join']);
      // Its root is where it is made.
      const withNamespace = planFor(unified, { cgroupsPath: '/c', resources, namespaces: [{ type: 'cgroup' }] });
      expect(withNamespace.joinSteps.map(({ action }) => action.op)).toEqual(['cgroup.join']);
      expect(planFor(unified, { cgroupsPath: '/c', resources: { memory: { limit: 1 << 20 } } }).firstSteps).not.toEqual([]);
      expect(planFor(hybrid, { cgroupsPath: '/c', resources: { memory: { limit: 131072 } } }).firstSteps).not.toEqual([]);
    },
  );

  it('enters every hierarchy once, memory last', () => {
    const cgroup: CgroupFacts = {
      mode: 'hybrid',
      hierarchies: {
        ...v1(['memory', 'name=systemd']),
        cpu: { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', root: '/', own: '/' },
        cpuacct: { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', root: '/', own: '/' },
        '': { mountPoint: '/sys/fs/cgroup/unified', root: '/', own: '/' },
      },
      unifiedControllers: [],
    };
    const { steps, joinSteps, lateJoinSteps } = planFor(cgroup, { cgroupsPath: '/c' }, withoutCloneInto);
    expect(steps.filter(({ action }) => action.op === 'cgroup.create')).toHaveLength(4);
    expect(steps.at(-1)?.action).toEqual({
      op: 'cgroup.open',
      files: [
        { path: '/sys/fs/cgroup/systemd/c/tasks', slot: 16 },
        { path: '/sys/fs/cgroup/cpu,cpuacct/c/tasks', slot: 17 },
        { path: '/sys/fs/cgroup/unified/c/cgroup.procs', slot: 18 },
        { path: '/sys/fs/cgroup/memory/c/tasks', slot: 19 },
      ],
    });
    expect(joinSteps.map(({ action }) => action)).toEqual([{ op: 'cgroup.join', slots: [16, 17, 18] }]);
    expect(lateJoinSteps.map(({ action }) => action)).toEqual([{ op: 'cgroup.join', slots: [19] }]);
    const own = planFor(cgroup, { cgroupsPath: '/c', namespaces: [{ type: 'cgroup' }] }, withoutCloneInto);
    expect(own.joinSteps.map(({ action }) => action)).toEqual([{ op: 'cgroup.join', slots: [16, 17, 18, 19] }]);
    expect(own.lateJoinSteps).toEqual([]);
  });

  it('LNX-065 changes no limit without resources, but what devices may be used', () => {
    expect(planFor(hybrid, { cgroupsPath: '/c' }, withoutCloneInto).steps.map(({ action }) => action.op)).toEqual([
      ...Array(12).fill('cgroup.create'),
      'cgroup.inheritCpuset',
      ...Array(12).fill('cgroup.write'),
      'cgroup.open',
    ]);
    const { devices, ...others } = v1(['pids', 'devices']);
    const written = writes(planFor({ ...hybrid, hierarchies: { ...others, devices } } as CgroupFacts, { resources: {} }).steps);
    expect(written.every((each) => each.startsWith('devices/'))).toBe(true);
    expect(writes(planFor({ ...hybrid, hierarchies: others } as CgroupFacts, { resources: {} }).steps)).toEqual([]);
  });

  it('enables controllers before limits are written', () => {
    const { steps } = planFor(unified, { cgroupsPath: '/c', resources: { pids: { limit: 5 } } }, withoutCloneInto);
    expect(steps.map(({ action }) => action.op)).toEqual([
      'cgroup.create',
      'cgroup.enable',
      'cgroup.write',
      'cgroup.deviceFilter',
      'cgroup.open',
    ]);
    expect(steps[2]).toMatchObject({ title: 'set pids.max to 5', pointer: '/linux/resources/pids/limit', at: 'cgroup' });
  });
});

describe('without cgroups', () => {
  const none: CgroupFacts = { mode: 'none', hierarchies: {}, unifiedControllers: [] };

  it('warns, unless limits are asked for', () => {
    const plan = planFor(none, { resources: { devices: [{ allow: false, access: 'rwm' }] } });
    expect(plan).toMatchObject({ steps: [], joinSteps: [], lateJoinSteps: [], cgroupPaths: {}, warnings: [{ code: 'NO_CGROUP' }] });
    expect(failure(() => planFor(none, { resources: { pids: { limit: 1 } } })).code).toBe('CGROUPS_UNAVAILABLE');
  });

  it('rootless: only where a place was prepared', () => {
    const rootless = { euid: 1000 };
    expect(planFor(hybrid, { cgroupsPath: '/c' }, rootless).warnings).toMatchObject([{ code: 'NO_CGROUP' }]);
    expect(planFor(unified, {}, rootless).steps).toEqual([]);
    expect(planFor({ ...unified, delegated: true }, {}, rootless)).toMatchObject({
      cgroupPaths: { '': '/sys/fs/cgroup/user.slice/c1' },
      warnings: [],
    });
    expect(planFor({ ...hybrid, delegated: true }, {}, rootless).steps).toEqual([]);
    expect(planFor(unified, { cgroupsPath: '/user.slice/c' }, rootless).firstSteps).not.toEqual([]);
    expect(writes(planFor(unified, { resources: { pids: { limit: 1 } } }, rootless).steps)).toHaveLength(1);
  });
});

describe('delegation (LNX-067 to LNX-074)', () => {
  const linux: Linux = {
    cgroupsPath: '/c',
    namespaces: [{ type: 'cgroup' }, { type: 'user' }],
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  };
  const mount = (options: string[]) => [{ source: 'cgroup', destination: '/sys/fs/cgroup', type: 'cgroup', options }];
  const owner = (cgroup: CgroupFacts, options: string[], more: Linux = linux) => {
    const spec = specWith(more, { mounts: mount(options), process: { args: ['a'], cwd: '/', user: { uid: 7 } } });
    const { steps } = planCgroups({ spec, facts: factsWith(cgroup), id: 'c1', systemd: false });
    return steps.flatMap(({ action }) => (action.op === 'cgroup.delegate' ? [action.uid] : []));
  };

  it('LNX-067 to LNX-070 only v2, a new cgroup namespace and a writable mount', () => {
    expect(owner(unified, ['rw'])).toEqual([100007]);
    expect(owner(unified, ['ro'])).toEqual([]);
    expect(owner(hybrid, ['rw'])).toEqual([]);
    expect(owner(unified, ['rw'], { ...linux, namespaces: [{ type: 'user' }] })).toEqual([]);
  });
});

it('stays in the cgroup of the runtime when cgroups are disabled, unless limits are asked for', () => {
  const plan = planCgroups({ spec: smallSpec, facts: hybridHost, id: 'box', systemd: false, disabled: true });
  expect(plan).toMatchObject({ steps: [], cgroupPaths: {}, warnings: [{ code: 'NO_CGROUP' }] });
  const spec = { ...smallSpec, linux: { resources: { pids: { limit: 5 } } } };
  expect(() => planCgroups({ spec, facts: hybridHost, id: 'box', systemd: false, disabled: true })).toThrow(
    expect.objectContaining({ code: 'CGROUPS_UNAVAILABLE' }),
  );
});
