import type { CgroupFacts, CgroupHierarchy } from './facts.ts';

/** One line of /proc/PID/mountinfo, as far as it matters here (proc_pid_mountinfo(5)). */
interface MountLine {
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly superOptions: readonly string[];
}

/** mountinfo writes blanks and backslashes in octal. */
export const decodeOctal = (text: string): string =>
  text.includes('\\') ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))) : text;

function mountLine(line: string): MountLine | undefined {
  // Hosts of containers have thousands of mounts.
  if (!line.includes(' - cgroup')) return undefined;
  const [front = '', back = ''] = line.split(' - ');
  const fields = front.split(' ');
  const [type = '', , options = ''] = back.split(' ');
  if (type !== 'cgroup' && type !== 'cgroup2') return undefined;
  return { root: decodeOctal(fields[3] ?? '/'), mountPoint: decodeOctal(fields[4] ?? ''), type, superOptions: options.split(',') };
}

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
 * Which hierarchies there are and where the runtime is in them (cgroups(7)).
 * @param mountinfo text of /proc/self/mountinfo
 * @param membership text of /proc/self/cgroup
 * @param controllersOf reads cgroup.controllers of a cgroup2 mount
 */
export function cgroupFacts(mountinfo: string, membership: string, controllersOf: (mountPoint: string) => string): CgroupFacts {
  const own = ownPaths(membership);
  const hierarchies: Record<string, CgroupHierarchy> = {};
  for (const mount of mountinfo.split('\n').map(mountLine)) {
    if (!mount) continue;
    const names = mount.type === 'cgroup2' ? [''] : mount.superOptions.filter((option) => own.has(option));
    for (const name of names) hierarchies[name] ??= { mountPoint: mount.mountPoint, root: mount.root, own: own.get(name) ?? '/' };
  }
  const unified = hierarchies[''];
  const legacy = Object.keys(hierarchies).length > (unified ? 1 : 0);
  const mode = legacy ? (unified ? 'hybrid' : 'legacy') : unified ? 'unified' : 'none';
  const unifiedControllers = unified ? controllersOf(unified.mountPoint).trim().split(/\s+/).filter(Boolean) : [];
  return { mode, hierarchies, unifiedControllers };
}
