import { isAtLeast, type KernelRelease, oldest } from '../../plan/kernel-release.ts';
import { mappable } from '../failure/idmap.ts';
import type { Check, Machine } from './check.ts';

const topic = 'Kernel';

/** What later kernels have that a configuration may ask for. */
const features: readonly (readonly [since: KernelRelease, subject: string, why: string])[] = [
  [[5, 11], 'overlay in a user namespace', 'users put images together by it'],
  [[5, 12], 'mounts with id mappings', 'volumes of containers with a user namespace'],
  [[5, 14], 'cgroup.kill', 'all processes of a container end at once'],
  [[5, 14], 'cpu burst', 'linux.resources.cpu.burst'],
  [[5, 15], 'cpu idle', 'linux.resources.cpu.idle'],
  [[5, 19], 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'linux.seccomp.flags'],
  [[6, 7], 'cpuset.cpus.exclusive', 'linux.resources.unified'],
  [[6, 9], 'MPOL_WEIGHTED_INTERLEAVE', 'linux.memoryPolicy.mode'],
];

const named = (release: KernelRelease): string => release.join('.');

function release({ facts: { kernel, machine }, release: found }: Machine): Check {
  const fine = isAtLeast(kernel, oldest);
  return {
    topic,
    subject: 'release',
    state: fine ? 'ok' : 'missing',
    found: `Linux ${found} (${machine})`,
    why: `runts makes mounts by calls of Linux ${named(oldest)}`,
    ...(fine ? {} : { mend: `boot Linux ${named(oldest)} or later` }),
  };
}

function lacks({ facts: { kernel } }: Machine): Check[] {
  const lacking = features.filter(([since]) => !isAtLeast(kernel, since));
  if (lacking.length === 0)
    return [
      {
        topic,
        subject: 'features',
        state: 'ok',
        found: 'all that depend on the release',
        why: features.map(([, name]) => name).join(', '),
      },
    ];
  return lacking.map(([since, subject, why]) => ({
    topic,
    subject,
    state: 'limited',
    found: 'not of this release, unless the vendor has added it',
    why,
    mend: `boot Linux ${named(since)} or later`,
  }));
}

function idMappings({ facts, read }: Machine): Check {
  const known = new Set((read('/proc/filesystems') ?? '').split(/\s+/));
  const there = Object.entries(mappable).filter(([name]) => known.has(name));
  const [can, cannot] = [true, false].map((wanted) => there.filter(([, since]) => isAtLeast(facts.kernel, since) === wanted));
  const names = (can ?? []).map(([name]) => name).join(', ') || 'none';
  const later = (cannot ?? []).map(([name, since]) => `${name} (${named(since)})`);
  const rights = facts.euid === 0 && facts.initialUserNamespace;
  return {
    topic,
    subject: 'id-mapped mounts',
    state: !rights ? 'note' : later.length > 0 ? 'limited' : 'ok',
    found: rights ? names : `for root of the host alone: ${names}`,
    why: 'uidMappings, idmap and ridmap of a mount: the filesystem has to know them',
    ...(rights && later.length > 0 ? { mend: `boot a later Linux: ${later.join(', ')}` } : {}),
  };
}

export const kernelChecks = (machine: Machine): Check[] => [release(machine), ...lacks(machine), idMappings(machine)];
