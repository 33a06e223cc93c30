import type { HostFacts } from '../host/facts.ts';
import type { Spec } from '../spec/types.ts';
import type { PlanOptions } from './context.ts';

/** A host with the unified hierarchy, root, and every capability: what most tests plan for. */
export const unifiedHost: HostFacts = {
  kernel: [6, 12],
  euid: 0,
  egid: 0,
  initialUserNamespace: true,
  cgroup: {
    mode: 'unified',
    hierarchies: { '': { mountPoint: '/sys/fs/cgroup', root: '/', own: '/user.slice/session' } },
    unifiedControllers: ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids'],
  },
  boundingCapabilities: (1n << 41n) - 1n,
  lastCapability: 40,
  apparmor: false,
  selinux: false,
  machine: 'x86_64',
};

const v1Controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'name=systemd'];

/** A host with a hierarchy of cgroup v1 per controller and an empty unified one. */
export const hybridHost: HostFacts = {
  ...unifiedHost,
  cgroup: {
    mode: 'hybrid',
    hierarchies: Object.fromEntries(
      [...v1Controllers, ''].map((name) => {
        const directory = name === '' ? 'unified' : name.replace('name=', '');
        return [name, { mountPoint: `/sys/fs/cgroup/${directory}`, root: '/', own: '/' }];
      }),
    ),
    unifiedControllers: [],
  },
};

export const planOptions: PlanOptions = {
  id: 'box',
  bundle: '/bundles/box',
  noPivot: false,
  noNewKeyring: false,
  preserveFds: 0,
  systemdCgroup: false,
};

/** The least a container needs. */
export const smallSpec: Spec = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: { args: ['true'], cwd: '/', env: ['PATH=/bin', 'HOME=/root'] },
  linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], cgroupsPath: '/box' },
};
