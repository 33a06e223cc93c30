import { expect } from 'vitest';
import { RuntimeError } from '../../errors.ts';
import type { CgroupFacts, HostFacts } from '../../host/facts.ts';
import type { Linux, LinuxResources, Spec } from '../../spec/types.ts';
import type { Step } from '../plan.ts';
import { planCgroups } from './cgroups.ts';

export const v1 = (names: readonly string[], own = '/'): CgroupFacts['hierarchies'] =>
  Object.fromEntries(names.map((name) => [name, { mountPoint: `/sys/fs/cgroup/${name.replace('name=', '')}`, root: '/', own }]));

export const hybrid: CgroupFacts = {
  mode: 'hybrid',
  hierarchies: {
    ...v1(['cpu', 'cpuset', 'memory', 'devices', 'blkio', 'pids', 'name=systemd', 'hugetlb', 'net_cls', 'net_prio', 'rdma']),
    '': { mountPoint: '/sys/fs/cgroup/unified', root: '/', own: '/' },
  },
  unifiedControllers: [],
};
export const unified: CgroupFacts = {
  mode: 'unified',
  hierarchies: { '': { mountPoint: '/sys/fs/cgroup', root: '/', own: '/user.slice/session.scope' } },
  unifiedControllers: ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma'],
};

export function factsWith(cgroup: CgroupFacts, more: Partial<HostFacts> = {}): HostFacts {
  return {
    kernel: [6, 18],
    euid: 0,
    egid: 0,
    initialUserNamespace: true,
    cgroup,
    boundingCapabilities: 0n,
    lastCapability: 40,
    apparmor: false,
    selinux: false,
    machine: 'x86_64',
    ...more,
  };
}

export const specWith = (linux: Linux, more: Partial<Spec> = {}): Spec => ({
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  linux,
  ...more,
});
export const planFor = (cgroup: CgroupFacts, linux: Linux, more?: Partial<HostFacts>) =>
  planCgroups({ spec: specWith(linux), facts: factsWith(cgroup, more), id: 'c1', systemd: false });

/** The writes as "directory/file = value" below the cgroup mount, with the pointer where asked. */
export function writes(steps: readonly Step[]): string[] {
  return steps.flatMap(({ action }) => {
    if (action.op !== 'cgroup.write') return [];
    const mark = action.optional ? '?' : '';
    const or = action.fallback ? ` or ${action.fallback.path.split('/').pop()} = ${action.fallback.value}` : '';
    return [`${action.path.replace('/sys/fs/cgroup/', '')}${mark} = ${action.value}${or}`];
  });
}

/** Without the device rules of every container where the resources have none. */
export const limits = (cgroup: CgroupFacts, resources: LinuxResources) =>
  writes(planFor(cgroup, { cgroupsPath: '/c', resources }).steps).filter(
    (write) => resources.devices !== undefined || !write.includes('/devices.'),
  );

export function failure(action: () => unknown): RuntimeError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(RuntimeError);
    return error as RuntimeError;
  }
  throw new Error('no error');
}
