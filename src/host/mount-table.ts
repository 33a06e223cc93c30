/** One line of /proc/PID/mountinfo, as far as it matters here (proc_pid_mountinfo(5)). */
export interface MountLine {
  readonly id: string;
  readonly parent: string;
  /** Of the filesystem: "major:minor". */
  readonly device: string;
  readonly root: string;
  readonly mountPoint: string;
  readonly writable: boolean;
  /** How it gets and passes on mounts: "shared:1", "master:2". */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly superOptions: readonly string[];
}

/** mountinfo writes blanks and backslashes in octal. */
const decodeOctal = (text: string): string =>
  text.includes('\\') ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))) : text;

function mountLine(line: string): MountLine {
  const [front = '', back = ''] = line.split(' - ');
  const [id = '', parent = '', device = '', root = '/', mountPoint = '', flags = '', ...propagation] = front.split(' ');
  const [type = '', , options = ''] = back.split(' ');
  // Both lists begin with "ro" or "rw".
  const writable = !flags.startsWith('ro') && !options.startsWith('ro');
  return {
    id,
    parent,
    device,
    root: decodeOctal(root),
    mountPoint: decodeOctal(mountPoint),
    writable,
    propagation,
    type,
    superOptions: options.split(','),
  };
}

/** The mounts whose line holds a text: hosts of containers have thousands, and few of them matter. */
export const mountsWith = (mountinfo: string, text: string): MountLine[] =>
  mountinfo
    .split('\n')
    .filter((line) => line.includes(text))
    .map(mountLine);

/** Tells whether a path still leads to a mount, or others lie over it or over a directory above it. */
export function visibility(mountinfo: string): (mount: MountLine) => boolean {
  const all = mountsWith(mountinfo, ' - ');
  const byId = new Map(all.map((mount) => [mount.id, mount]));
  const isAbove = (directory: string, path: string): boolean => path.startsWith(directory === '/' ? '/' : `${directory}/`);
  return (mount) => {
    if (all.some(({ parent, mountPoint }) => parent === mount.id && mountPoint === mount.mountPoint)) return false;
    const seen = new Set<string>();
    for (let at: MountLine | undefined = mount; at && !seen.has(at.id); at = byId.get(at.parent)) {
      const { id, parent, mountPoint } = at;
      seen.add(id);
      if (all.some((other) => other.parent === parent && other.id !== id && isAbove(other.mountPoint, mountPoint))) return false;
    }
    return true;
  };
}
