import { describe, expect, test } from 'vitest';
import type { LinuxNamespace, Spec } from '../../spec/types.ts';
import { plan } from '../build.ts';
import type { Step } from '../plan.ts';
import { hybridHost, planOptions, unifiedHost } from '../testing.ts';
import { dumpOptions, planDump } from './dump.ts';
import { planRestore, restoreOptions } from './restore.ts';

const program = { path: '/usr/sbin/criu', environment: ['PATH=/bin'] };
const launch = {
  program,
  stage: '/run/runts/example/criu',
  publicStage: '/dev/shm',
  places: { images: { tree: '/srv/images', below: '/last' } },
};

const spec: Spec = {
  ociVersion: '1.2.0',
  root: { path: 'rootfs', readonly: true },
  process: { args: ['sh'], cwd: '/', user: { uid: 0, gid: 0 } },
  hooks: { createRuntime: [{ path: '/bin/net' }], createContainer: [{ path: '/bin/inside' }], poststart: [{ path: '/bin/late' }] },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/data', source: '/srv/data', options: ['bind', 'ro'] },
  ],
  linux: {
    namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }, { type: 'network', path: '/run/netns/a' }],
    resources: { pids: { limit: 10 } },
  },
};

const titles = (steps: readonly Step[]): string[] => steps.map(({ stage, title }) => `${stage}: ${title}`);
const ops = (steps: readonly Step[]): string[] => steps.map(({ action }) => action.op);

const common = {
  tcpEstablished: false,
  extUnixSk: false,
  shellJob: false,
  fileLocks: true,
  lazyPages: false,
  autoDedup: false,
  cgroupMode: 'soft',
} as const;

describe('the plan of a checkpoint', () => {
  test('is to become CRIU, in a mount namespace of its own', () => {
    expect(titles(planDump(program))).toEqual([
      'init: create a mount namespace for CRIU',
      "init: cut this mount namespace from the host's propagation",
      'init: wait for the connection to CRIU',
      'init: keep the descriptors that CRIU gets',
      'init: find "/usr/sbin/criu"',
      'init: execute "/usr/sbin/criu"',
    ]);
  });

  test('asks CRIU for what the flags say', () => {
    const request = { ...common, leaveRunning: true, tcpSkipInFlight: false, linkRemap: false, preDump: false, parentPath: '../first' };
    expect(dumpOptions(request, 'dump.log')).toMatchObject({
      leave_running: true,
      file_locks: true,
      parent_img: '../first',
      track_mem: true,
      manage_cgroups_mode: 3,
      log_file: 'dump.log',
    });
    expect(dumpOptions({ ...request, cgroupMode: 'ignore', preDump: true }, 'dump.log').manage_cgroups_mode).toBe(0);
  });
});

describe('every flag', () => {
  const nothing = { ...common, fileLocks: false, leaveRunning: false, tcpSkipInFlight: false, linkRemap: false, preDump: false };

  test.each([
    ['tcpEstablished', 'tcp_established'],
    ['extUnixSk', 'ext_unix_sk'],
    ['shellJob', 'shell_job'],
    ['fileLocks', 'file_locks'],
    ['lazyPages', 'lazy_pages'],
    ['autoDedup', 'auto_dedup'],
    ['leaveRunning', 'leave_running'],
    ['tcpSkipInFlight', 'tcp_skip_in_flight'],
    ['linkRemap', 'link_remap'],
  ] as const)('%s is an option of CRIU', (flag, option) => {
    const before = dumpOptions(nothing, 'a.log');
    expect(before[option]).toBe(false);
    expect(dumpOptions({ ...nothing, [flag]: true }, 'a.log')).toEqual({ ...before, [option]: true });
  });

  test('a page server and a label are options as well', () => {
    const pageServer = { address: '::1', port: 27 };
    expect(dumpOptions({ ...nothing, pageServer }, 'a.log').ps).toEqual(pageServer);
    expect(restoreOptions({ ...common, tcpClose: false, lsmMountContext: 'a:b:c' }, 'a.log').lsm_mount_context).toBe('a:b:c');
  });

  test('each mode of cgroups has its number', () => {
    const numbers = (['ignore', 'soft', 'full', 'strict'] as const).map(
      (cgroupMode) => dumpOptions({ ...nothing, cgroupMode }, '').manage_cgroups_mode,
    );
    expect(numbers).toEqual([0, 3, 4, 5]);
  });
});

describe('the plan of a restore', () => {
  test('has the cgroups and mounts of the container, in one process and none of its other namespaces', () => {
    for (const host of [unifiedHost, hybridHost]) {
      const { steps } = planRestore(spec, planOptions, host, launch);
      expect(steps.filter(({ stage }) => stage === 'intermediate')).toEqual([]);
      const all = ops(steps);
      expect(all).toEqual(
        expect.arrayContaining(['cgroup.create', 'cgroup.write', 'rootfs.attach', 'tree.attach', 'mounts.stage', 'exec']),
      );
      for (const op of ['ns.clone', 'root.pivot', 'seccomp.load', 'fifo.wait']) expect(all).not.toContain(op);
      expect(all.filter((op) => op === 'ns.unshare')).toHaveLength(1);
    }
  });

  test('has systemd make the scope that create would have it make', () => {
    for (const options of [{}, { managerCgroup: '/user.slice/user-7.slice' }]) {
      const asked = { ...planOptions, ...options, systemdCgroup: true };
      const scopes = [plan(spec, asked, unifiedHost), planRestore(spec, asked, unifiedHost, launch)].map(
        ({ steps, systemdUnit, cgroupPaths }) => ({
          scope: steps.find(({ action }) => action.op === 'cgroup.scope')?.action,
          systemdUnit,
          cgroupPaths,
        }),
      );
      expect(scopes[0]?.scope).toBeDefined();
      expect(scopes[1]).toEqual(scopes[0]);
    }
  });

  test('stages the mounts when all are made, and before CRIU', () => {
    const all = ops(planRestore(spec, planOptions, unifiedHost, launch).steps);
    expect(all.indexOf('mounts.stage')).toBeGreaterThan(all.lastIndexOf('tree.attach'));
    expect(all.indexOf('exec')).toBeGreaterThan(all.indexOf('mounts.stage'));
  });

  test('gives the root of a user namespace the images by a mount on which they are his, where he finds them', () => {
    expect(planRestore(spec, planOptions, unifiedHost, launch)).toMatchObject({
      stage: launch.stage,
      directories: { images: '/srv/images/last' },
    });
    const mappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const namespaces: LinuxNamespace[] = [{ type: 'user' }, { type: 'mount' }, { type: 'pid' }];
    const linux = { namespaces, uidMappings: mappings, gidMappings: mappings };
    const { steps, stage, directories } = planRestore({ ...spec, linux }, planOptions, unifiedHost, launch);
    expect([stage, directories]).toEqual(['/dev/shm', { images: '/dev/shm/directory0/last', work: '/dev/shm/directory1' }]);
    const ofCriu = steps.filter(({ chapter, title }) => chapter === 'CRIU' || /images|mappings of/.test(title));
    expect(ofCriu.map(({ title }) => title)).toMatchInlineSnapshot(`
      [
        "create a mount namespace for CRIU",
        "make a user namespace with the mappings of /linux/uidMappings",
        "make the directory /tmp where it is missing, for CRIU to change the root",
        "open "/srv/images"",
        "cut "/srv/images" from the host's propagation",
        "map the ids of the images in "/srv/images"",
        "open "/srv/images/last"",
        "cut "/srv/images/last" from the host's propagation",
        "put every mount where CRIU finds it",
        "wait for the connection to CRIU",
        "keep the descriptors that CRIU gets",
        "find "/usr/sbin/criu"",
        "execute "/usr/sbin/criu"",
      ]
    `);
  });

  test('takes from devices of a user namespace no more rights than CRIU will, which cannot give any back there', () => {
    const mapping = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const linux = { namespaces: [{ type: 'mount' }, { type: 'user' }], uidMappings: mapping, gidMappings: mapping } as const;
    const { steps } = planRestore({ ...spec, linux }, planOptions, unifiedHost, launch);
    const made = steps.filter(({ title }) => title === 'make a filesystem for the devices').map(({ action }) => action);
    expect(made).toEqual([expect.objectContaining({ op: 'fs.mount', attributes: 0n })]);
  });

  test('runs the hooks of the runtime alone', () => {
    const { steps } = planRestore(spec, planOptions, unifiedHost, launch);
    const hooks = steps.flatMap(({ action, stage }) =>
      action.op === 'hook.run' ? [`${stage} ${'kind' in action ? action.kind : ''}`] : [],
    );
    expect(hooks).toEqual(['runtime createRuntime']);
  });

  test('moves network devices once there is a network, before the hooks', () => {
    const { steps } = planRestore({ ...spec, linux: { ...spec.linux, netDevices: { eth7: {} } } }, planOptions, unifiedHost, launch);
    const late = steps.filter((step) => step.stage === 'runtime' && step.at === 'runtimeHooks');
    expect(ops(late)).toEqual(['netDevice.find', 'netDevice.move', 'hook.run']);
  });

  test('gives CRIU a descriptor of the network namespace that the container has joined', () => {
    const { namespaceSlots, steps } = planRestore(spec, planOptions, unifiedHost, launch);
    expect(namespaceSlots).toHaveLength(1);
    const pass = steps.find(({ action }) => action.op === 'descriptors.pass')?.action;
    expect(pass).toMatchObject({ first: 10, slots: [9, ...namespaceSlots] });
  });

  test('maps the ids of a mount by the mappings of the container, whose namespace is not there', () => {
    const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const mapped: Spec = {
      ...spec,
      mounts: [{ destination: '/data', source: '/srv/data', options: ['bind', 'idmap'] }],
      linux: { namespaces: [{ type: 'mount' }, { type: 'user' }], uidMappings: ids, gidMappings: ids },
    };
    const { steps } = planRestore(mapped, planOptions, unifiedHost, launch);
    expect(steps.find(({ action }) => action.op === 'userNamespace.make')?.action).toMatchObject({ uidMap: '0 100000 65536\n' });
  });

  test('refuses what CRIU cannot make, by name and place', () => {
    const refused = (namespaces: readonly LinuxNamespace[]): unknown => {
      try {
        return planRestore({ ...spec, root: { path: 'rootfs' }, mounts: [], linux: { namespaces } }, planOptions, unifiedHost, launch);
      } catch (error) {
        return error;
      }
    };
    expect(refused([{ type: 'pid' }])).toMatchObject({ code: 'CHECKPOINT_UNSUPPORTED', pointer: '/linux/namespaces' });
    expect(refused([{ type: 'pid' }, { type: 'mount', path: '/a' }])).toMatchObject({ pointer: '/linux/namespaces/1' });
    expect(refused([{ type: 'mount' }, { type: 'cgroup', path: '/a' }])).toMatchObject({ pointer: '/linux/namespaces/1' });
    expect(refused([{ type: 'mount' }, { type: 'user', path: '/a' }])).toMatchObject({
      pointer: '/linux/namespaces/1',
      hint: expect.stringContaining('mappings'),
    });
  });

  test('asks CRIU for what the flags say', () => {
    expect(restoreOptions({ ...common, tcpClose: true, lsmProfile: 'apparmor:a' }, 'restore.log')).toMatchObject({
      rst_sibling: true,
      tcp_close: true,
      lsm_profile: 'apparmor:a',
      log_file: 'restore.log',
    });
  });
});
