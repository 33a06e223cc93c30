import type { CgroupFacts, CgroupHierarchy } from './facts.ts';
import { type MountLine, mountsWith, visibility } from './mount-table.ts';

/** Where hierarchies are mounted, itself or in a directory each. */
const USUAL = '/sys/fs/cgroup';

/** The runtime's path by controller list, from /proc/self/cgroup lines "N:cpu,cpuacct:/path". */
function ownPaths(text: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (second < 0) continue;
    for (const controller of line.slice(first + 1, second).split(',')) paths.set(controller, line.slice(second + 1));
  }
  return paths;
}

/**
 * How well a mount serves as the way into a hierarchy, the more the better. A path has to lead to it; all of the hierarchy, or at least the
 * runtime's own cgroup, should be in it; it should be writable, and be where everybody looks.
 */
function worth({ root, mountPoint, writable }: MountLine, own: string, visible: boolean): number {
  const shows = root === '/' ? 2 : own === root || own.startsWith(`${root}/`) ? 1 : 0;
  const usual = mountPoint === USUAL || mountPoint.startsWith(`${USUAL}/`);
  return (visible ? 16 : 0) + shows * 4 + (writable ? 2 : 0) + (usual ? 1 : 0);
}

/** The best mount of one hierarchy, the first of equals: stray ones may be listed before that in /sys/fs/cgroup. */
function best(mounts: readonly MountLine[], own: string, isVisible: () => (mount: MountLine) => boolean): MountLine {
  const [first] = mounts as [MountLine, ...MountLine[]];
  if (mounts.length === 1) return first;
  const value = (mount: MountLine): number => worth(mount, own, isVisible()(mount));
  return mounts.reduce((found, mount) => (value(mount) > value(found) ? mount : found), first);
}

/**
 * Which hierarchies there are and where the runtime is in them (cgroups(7)).
 * @param mountinfo text of /proc/self/mountinfo
 * @param membership text of /proc/self/cgroup
 * @param controllersOf reads cgroup.controllers of a cgroup2 mount
 */
export function cgroupFacts(mountinfo: string, membership: string, controllersOf: (mountPoint: string) => string): CgroupFacts {
  const own = ownPaths(membership);
  const mounts = new Map<string, MountLine[]>();
  for (const mount of mountsWith(mountinfo, ' - cgroup')) {
    const names = mount.type === 'cgroup2' ? [''] : mount.type === 'cgroup' ? mount.superOptions.filter((option) => own.has(option)) : [];
    for (const name of names) {
      const known = mounts.get(name);
      if (known) known.push(mount);
      else mounts.set(name, [mount]);
    }
  }
  let visible: ((mount: MountLine) => boolean) | undefined;
  const isVisible = () => (visible ??= visibility(mountinfo));
  const hierarchies: Record<string, CgroupHierarchy> = {};
  for (const [name, candidates] of mounts) {
    const path = own.get(name) ?? '/';
    const { mountPoint, root } = best(candidates, path, isVisible);
    hierarchies[name] = { mountPoint, root, own: path };
  }
  return modeOf(hierarchies, controllersOf);
}

function modeOf(hierarchies: Readonly<Record<string, CgroupHierarchy>>, controllersOf: (mountPoint: string) => string): CgroupFacts {
  const unified = hierarchies[''];
  const unifiedControllers = unified ? controllersOf(unified.mountPoint).trim().split(/\s+/).filter(Boolean) : [];
  // Somebody may have mounted a named hierarchy, or net_cls, beside it: that makes no hybrid host.
  if (unified?.mountPoint === USUAL) return { mode: 'unified', hierarchies: { '': unified }, unifiedControllers };
  const legacy = Object.keys(hierarchies).length > (unified ? 1 : 0);
  const mode = legacy ? (unified ? 'hybrid' : 'legacy') : unified ? 'unified' : 'none';
  return { mode, hierarchies, unifiedControllers };
}
