import type { CgroupFacts } from '../../host/facts.ts';
import { normalize } from '../../spec/path.ts';
import type { Spec } from '../../spec/types.ts';
import { hostId } from '../namespaces/idmap.ts';
import type { Step } from '../plan.ts';

/** Host uid of the container's user; undefined when it cannot be known from the configuration. */
function ownerOf({ process, linux }: Spec): number | undefined {
  const uid = process?.user?.uid ?? 0;
  const user = linux?.namespaces?.find(({ type }) => type === 'user');
  if (user === undefined) return uid;
  return hostId(linux?.uidMappings, uid);
}

/**
 * Gives the container's cgroup to its user (LNX-067 to LNX-074): only in version 2, only with a new cgroup namespace, and only when
 * /sys/fs/cgroup is mounted writable.
 */
export function planDelegation(spec: Spec, facts: CgroupFacts, paths: Readonly<Record<string, string>>): Step[] {
  const path = paths[''];
  if (facts.mode !== 'unified' || path === undefined) return [];
  const isNew = spec.linux?.namespaces?.some(({ type, path: join }) => type === 'cgroup' && !join);
  const writable = spec.mounts?.some(
    ({ source, destination, options }) =>
      source === 'cgroup' && normalize(`/${destination}`) === '/sys/fs/cgroup' && !options?.includes('ro') && !options?.includes('rro'),
  );
  const uid = ownerOf(spec);
  if (isNew !== true || writable !== true || uid === undefined || uid === 0) return [];
  const title = `give the cgroup to user ${uid}`;
  return [{ chapter: 'Cgroups', title, stage: 'runtime', at: 'cgroup', action: { op: 'cgroup.delegate', path, uid } }];
}
