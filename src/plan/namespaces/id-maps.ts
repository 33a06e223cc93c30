import type { HostFacts } from '../../host/facts.ts';
import type { Linux, LinuxIDMapping } from '../../spec/types.ts';
import { isNew, isUnprivileged } from '../context.ts';
import type { RuntimeAction, Step } from '../plan.ts';
import { type CapabilityName, capabilityBit } from '../process/capabilities.ts';
import { mapText } from './idmap.ts';

type WriteMappings = Extract<RuntimeAction, { op: 'idMappings.write' }>;

/** Whether it is one id, that of the caller, which is all that the kernel lets somebody without CAP_SETUID map (user_namespaces(7)). */
function isOwnId(mappings: readonly LinuxIDMapping[] | undefined, own: number): boolean {
  const [first, ...others] = mappings ?? [];
  return first !== undefined && others.length === 0 && first.size === 1 && first.hostID === own;
}

function writers({ uidMappings, gidMappings }: Linux, facts: HostFacts): Pick<WriteMappings, 'setgroups' | 'uidBy' | 'gidBy'> {
  if (!isUnprivileged(facts)) return { setgroups: 'keep', uidBy: 'runtime', gidBy: 'runtime' };
  const may = (name: CapabilityName): boolean => ((facts.effectiveCapabilities ?? 0n) & capabilityBit(name)) !== 0n;
  const ownGid = isOwnId(gidMappings, facts.egid);
  return {
    // Else a user could leave a group that is there to keep him from something (CVE-2014-8989).
    setgroups: ownGid && !may('CAP_SETGID') ? 'deny' : 'keep',
    uidBy: may('CAP_SETUID') || isOwnId(uidMappings, facts.euid) ? 'runtime' : 'newuidmap',
    gidBy: may('CAP_SETGID') || ownGid ? 'runtime' : 'newgidmap',
  };
}

/** The step of the runtime that writes the id maps of a new user namespace, or has them written. */
export function writeMappings(linux: Linux, facts: HostFacts): Step {
  const how = writers(linux, facts);
  const programs = [how.uidBy, how.gidBy].filter((writer) => writer !== 'runtime').join(' and ');
  const what = 'the id mappings of the user namespace';
  return {
    chapter: 'Namespaces',
    pointer: '/linux/uidMappings',
    title: programs === '' ? `write ${what}` : `write ${what} by ${programs}`,
    stage: 'runtime',
    at: 'idMappings',
    action: { op: 'idMappings.write', uidMap: mapText(linux.uidMappings), gidMap: mapText(linux.gidMappings), ...how },
  };
}

/** Whether the container's process may call setgroups(2): not in a user namespace whose groups the kernel had to be promised to stay. */
export function maySetGroups(linux: Linux, facts: HostFacts): boolean {
  if (facts.setgroupsDenied === true) return false;
  if (!isUnprivileged(facts)) return true;
  return isNew(linux, 'user') && writers(linux, facts).setgroups === 'keep';
}
