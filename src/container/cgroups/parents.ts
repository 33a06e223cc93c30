import { lookup } from '../../lookup.ts';
import type { SystemError } from '../../native/system-error.ts';
import { readIfThere } from './cgroup.ts';

/** What a cgroup above stands in the way of, and what is possible below it. */
export interface ParentRefusal {
  /** To be put behind what the kernel says. */
  readonly why: string;
  readonly hint: string;
}

interface Refused {
  /** The cgroup's, without "/" at the end. */
  readonly directory: string;
  /** Name of the control file in it. */
  readonly file: string;
  readonly value: string;
  readonly code: string;
}

type Rule = (refused: Refused) => ParentRefusal | undefined;

/** How many rules of a parent are named. */
const MOST_RULES = 20;

const parentOf = (directory: string): string => directory.slice(0, directory.lastIndexOf('/'));
const isCgroup = (directory: string): boolean => readIfThere(`${directory}/cgroup.procs`) !== undefined;
const read = (directory: string, file: string): string | undefined => readIfThere(`${directory}/${file}`)?.trim();

function number(directory: string, file: string): bigint | undefined {
  const text = read(directory, file);
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

/** What can be said of the nearest cgroup above of which it can be said. */
export function above<T>(directory: string, say: (parent: string) => T | undefined): T | undefined {
  const parent = parentOf(directory);
  return isCgroup(parent) ? (say(parent) ?? above(parent, say)) : undefined;
}

const devices: Rule = ({ directory, value, code }) => {
  const parent = parentOf(directory);
  const rules = read(parent, 'devices.list')?.split('\n');
  if (code !== 'EPERM' || rules === undefined) return undefined;
  const listed = [...rules.slice(0, MOST_RULES), ...(rules.length > MOST_RULES ? ['…'] : [])].join(', ');
  const asked = value === 'a' ? 'every device' : value;
  return {
    why: `the parent cgroup ${parent} does not allow ${asked}`,
    hint: `it allows ${listed || 'nothing'}; ask for less, or give the container another cgroupsPath`,
  };
};

/** Microseconds of each period. */
interface Share {
  readonly time: bigint;
  readonly period: bigint;
}

/** Of the bandwidth of processors, which a cgroup has after a value is written to one of its two files. */
function bandwidth(kind: 'cfs_quota' | 'rt_runtime', word: string): Rule {
  const files = [`cpu.${kind}_us`, `cpu.${kind.slice(0, kind.indexOf('_'))}_period_us`] as const;
  const shareOf = (directory: string): Share | undefined => {
    const [time, period] = files.map((file) => number(directory, file));
    return time === undefined || time < 0n || !period ? undefined : { time, period };
  };
  return ({ directory, file, value, code }) => {
    if (code !== 'EINVAL' || !/^\d+$/.test(value)) return undefined;
    const [time, period] = files.map((each) => (each === file ? BigInt(value) : number(directory, each)));
    if (time === undefined || !period) return undefined;
    return above(directory, (parent) => {
      const share = shareOf(parent);
      // Realtime is shared among siblings, so that there may be less than the parent has.
      if (share === undefined || (kind === 'cfs_quota' && time * share.period <= share.time * period)) return undefined;
      return {
        why: `the parent cgroup ${parent} has ${word} of ${share.time} µs per period of ${share.period} µs`,
        hint: `with a period of ${period} µs at most ${(share.time * period) / share.period} µs are possible`,
      };
    });
  };
}

/** The CPUs or memory nodes of the parent; at the top, where all are, those of the machine. */
const cpuset =
  (name: string, what: string): Rule =>
  ({ directory, value, code }) => {
    const parent = parentOf(directory);
    const present = read(parent, `${name}.effective`) ?? read(parent, name.replace('.', '.effective_')) ?? read(parent, name);
    if (!['EINVAL', 'EACCES', 'ERANGE'].includes(code) || !present) return undefined;
    const isTop = !isCgroup(parentOf(parent));
    return {
      why: isTop ? `there are only the ${what} ${present}` : `the parent cgroup ${parent} has only the ${what} ${present}`,
      hint: `ask for some of these in place of ${JSON.stringify(value)}`,
    };
  };

const rules: Readonly<Record<string, Rule>> = {
  'devices.allow': devices,
  'cpu.cfs_quota_us': bandwidth('cfs_quota', 'a quota'),
  'cpu.cfs_period_us': bandwidth('cfs_quota', 'a quota'),
  'cpu.rt_runtime_us': bandwidth('rt_runtime', 'a realtime runtime'),
  'cpuset.cpus': cpuset('cpuset.cpus', 'CPUs'),
  'cpuset.mems': cpuset('cpuset.mems', 'memory nodes'),
};

/**
 * What above a cgroup has to do with a value that the kernel refused; undefined where nothing has.
 * @param path of the control file
 */
export function parentRefusal(path: string, value: string, { code }: SystemError): ParentRefusal | undefined {
  const slash = path.lastIndexOf('/');
  const file = path.slice(slash + 1);
  return lookup(rules, file)?.({ directory: path.slice(0, slash), file, value, code });
}

/** What can be limited, where a limit of transfers is refused for its device. */
export const wholeDiskHint = (path: string, { code }: SystemError): string | undefined =>
  code === 'ENODEV' && /\/(?:blkio|io)\.[^/]+$/.test(path)
    ? 'only a whole disk can be limited, by the numbers that `lsblk --nodeps` shows: no partition of it, and no filesystem without a device (overlay, tmpfs, btrfs)'
    : undefined;
