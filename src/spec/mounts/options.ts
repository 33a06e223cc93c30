import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_REC,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import { filesystemOptions } from './filesystem-options.ts';

/** Attributes to set and to clear, as mount_setattr(2) takes them. */
export interface AttributeChange {
  readonly set: bigint;
  readonly clear: bigint;
}

/** What the strings of `mounts[].options` ask for (config.md, "Linux mount options"). */
export interface MountOptions {
  readonly bind: boolean;
  readonly recursiveBind: boolean;
  readonly remount: boolean;
  readonly idmap: 'none' | 'idmap' | 'ridmap';
  readonly copyUp: boolean;
  /** Attributes of the mount itself; the last of two opposite options wins. */
  readonly attributes: AttributeChange;
  /** Whether any flag of the mount itself or of its filesystem is named. */
  readonly namesFlags: boolean;
  /** Attributes of the mount and everything below it (rro, rnosuid …). */
  readonly recursive: AttributeChange;
  /** Propagation changes in the order given; MS_REC with the recursive ones. */
  readonly propagation: readonly bigint[];
  /** Flags of the superblock: sync, dirsync, lazytime, mand, silent, iversion, and ro for a new filesystem. */
  readonly superblock: readonly string[];
  /** Filesystem-specific rest (CFG-016). */
  readonly filesystem: readonly string[];
}

/** `unless`: the option changes nothing while one of these is set (atime takes back noatime, not strictatime). */
type Change = readonly [set: bigint, clear: bigint, unless?: bigint];

const atime = (value: bigint, unless = 0n): Change => [value, MOUNT_ATTR__ATIME, unless];

const attributeOptions: Record<string, Change> = {
  ro: [MOUNT_ATTR_RDONLY, 0n],
  rw: [0n, MOUNT_ATTR_RDONLY],
  nosuid: [MOUNT_ATTR_NOSUID, 0n],
  suid: [0n, MOUNT_ATTR_NOSUID],
  nodev: [MOUNT_ATTR_NODEV, 0n],
  dev: [0n, MOUNT_ATTR_NODEV],
  noexec: [MOUNT_ATTR_NOEXEC, 0n],
  exec: [0n, MOUNT_ATTR_NOEXEC],
  nodiratime: [MOUNT_ATTR_NODIRATIME, 0n],
  diratime: [0n, MOUNT_ATTR_NODIRATIME],
  nosymfollow: [MOUNT_ATTR_NOSYMFOLLOW, 0n],
  symfollow: [0n, MOUNT_ATTR_NOSYMFOLLOW],
  noatime: atime(MOUNT_ATTR_NOATIME),
  relatime: atime(MOUNT_ATTR_RELATIME),
  strictatime: atime(MOUNT_ATTR_STRICTATIME),
  // Taking one of the three back leads to the kernel's default, which is relatime.
  atime: atime(MOUNT_ATTR_RELATIME, MOUNT_ATTR_STRICTATIME),
  norelatime: atime(MOUNT_ATTR_RELATIME, MOUNT_ATTR_NOATIME | MOUNT_ATTR_STRICTATIME),
  nostrictatime: atime(MOUNT_ATTR_RELATIME, MOUNT_ATTR_NOATIME),
};

/** Names of propagation types, which rootfsPropagation uses too; MS_REC with the recursive ones. */
export const propagationOptions: Readonly<Record<string, bigint>> = {
  shared: MS_SHARED,
  rshared: MS_SHARED | MS_REC,
  slave: MS_SLAVE,
  rslave: MS_SLAVE | MS_REC,
  private: MS_PRIVATE,
  rprivate: MS_PRIVATE | MS_REC,
  unbindable: MS_UNBINDABLE,
  runbindable: MS_UNBINDABLE | MS_REC,
};

/** Superblock flag an option sets or (leading "-") takes back. */
const superblockOptions: Record<string, string> = {
  sync: 'sync',
  async: '-sync',
  dirsync: 'dirsync',
  lazytime: 'lazytime',
  nolazytime: '-lazytime',
  mand: 'mand',
  nomand: '-mand',
  iversion: 'iversion',
  noiversion: '-iversion',
  silent: 'silent',
  loud: '-silent',
};

const otherOptions = ['bind', 'rbind', 'remount', 'defaults', 'idmap', 'ridmap', 'tmpcopyup'];

/** Every option name runts understands itself, sorted; the list of `features`. */
export const mountOptionNames: readonly string[] = [
  ...Object.keys(attributeOptions),
  ...Object.keys(attributeOptions).map((name) => `r${name}`),
  ...Object.keys(propagationOptions),
  ...Object.keys(superblockOptions),
  ...otherOptions,
].sort();

function apply(state: AttributeChange, [set, clear, unless = 0n]: Change): AttributeChange {
  if ((state.set & unless) !== 0n) return state;
  return { set: (state.set & ~clear) | set, clear: (state.clear & ~set) | clear };
}

/** Sorts the options of one mount. Unknown ones are left to the filesystem. */
export function parseMountOptions(options: readonly string[]): MountOptions {
  let attributes: AttributeChange = { set: 0n, clear: 0n };
  let recursive: AttributeChange = { set: 0n, clear: 0n };
  const propagation: bigint[] = [];
  const superblock = new Set<string>();
  const filesystem: string[] = [];
  const flags = new Set<string>();
  let namesFlags = false;
  for (const option of options) {
    const attribute = lookup(attributeOptions, option);
    const inherited = option.startsWith('r') ? lookup(attributeOptions, option.slice(1)) : undefined;
    const change = lookup(propagationOptions, option);
    const flag = lookup(superblockOptions, option);
    if (attribute) attributes = apply(attributes, attribute);
    else if (inherited) recursive = apply(recursive, inherited);
    else if (change !== undefined) propagation.push(change);
    else if (flag?.startsWith('-')) superblock.delete(flag.slice(1));
    else if (flag !== undefined) superblock.add(flag);
    else if (otherOptions.includes(option)) flags.add(option);
    else filesystem.push(option);
    namesFlags ||= attribute !== undefined || flag !== undefined;
  }
  return {
    bind: flags.has('bind') || flags.has('rbind'),
    recursiveBind: flags.has('rbind'),
    remount: flags.has('remount'),
    idmap: flags.has('ridmap') ? 'ridmap' : flags.has('idmap') ? 'idmap' : 'none',
    copyUp: flags.has('tmpcopyup'),
    attributes,
    namesFlags,
    recursive,
    propagation,
    superblock: [...superblock],
    filesystem: filesystemOptions(filesystem),
  };
}
