import { errnoText } from '../../errno.ts';
import { EINVAL, EPERM, filesystemMagics } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import { type KernelRelease, tooOldFor } from '../../plan/kernel-release.ts';

const names: Readonly<Record<keyof typeof filesystemMagics, string>> = {
  EXT4_SUPER_MAGIC: 'ext4',
  BTRFS_SUPER_MAGIC: 'btrfs',
  TMPFS_MAGIC: 'tmpfs',
  OVERLAYFS_SUPER_MAGIC: 'overlay',
  NFS_SUPER_MAGIC: 'nfs',
  FUSE_SUPER_MAGIC: 'fuse',
  MSDOS_SUPER_MAGIC: 'vfat',
  EXFAT_SUPER_MAGIC: 'exfat',
  F2FS_SUPER_MAGIC: 'f2fs',
  EROFS_SUPER_MAGIC_V1: 'erofs',
  SQUASHFS_MAGIC: 'squashfs',
  ISOFS_SUPER_MAGIC: 'iso9660',
  V9FS_MAGIC: '9p',
  PROC_SUPER_MAGIC: 'proc',
  SYSFS_MAGIC: 'sysfs',
  DEVPTS_SUPER_MAGIC: 'devpts',
  CGROUP_SUPER_MAGIC: 'cgroup',
  CGROUP2_SUPER_MAGIC: 'cgroup2',
  HUGETLBFS_MAGIC: 'hugetlbfs',
  RAMFS_MAGIC: 'ramfs',
  DEBUGFS_MAGIC: 'debugfs',
  TRACEFS_MAGIC: 'tracefs',
  BPF_FS_MAGIC: 'bpf',
};

/** Names of filesystems by the number statfs(2) gives them, as init writes it. */
const filesystems: ReadonlyMap<string, string> = new Map([
  ...(Object.keys(names) as (keyof typeof names)[]).map((name) => [`0x${filesystemMagics[name].toString(16)}`, names[name]] as const),
  // No header of the kernel's for programs has these.
  ['0x58465342', 'xfs'],
  ['0x19800202', 'mqueue'],
  ['0x2fc12fc1', 'zfs'],
]);

/** Since when filesystems take mounts with id mappings, for those that do (mount_setattr(2)). */
export const mappable: Readonly<Record<string, KernelRelease>> = {
  btrfs: [5, 15],
  erofs: [5, 19],
  ext4: [5, 12],
  f2fs: [5, 18],
  fuse: [6, 12],
  hugetlbfs: [6, 9],
  overlay: [5, 19],
  squashfs: [6, 2],
  tmpfs: [6, 3],
  vfat: [5, 12],
  xfs: [5, 12],
};

/** The name of what init found. */
function named(detail: string): string {
  const number = detail.replace('filesystem ', '');
  return filesystems.get(number) ?? `filesystem ${number}`;
}

/** That a filesystem takes no id mappings yet, in words; undefined where it is not the kernel's age. */
export function whyNotMapped(detail: string, errno: number, kernel: KernelRelease): string | undefined {
  const filesystem = named(detail);
  const since = errno === EINVAL ? lookup(mappable, filesystem) : undefined;
  return since && tooOldFor(kernel, since, `${filesystem} with id mappings`);
}

/** Why mount_setattr(2) does not map ids, as far as its errno tells; `detail` is init's "filesystem 0x…". */
export function idMappingRefusal(detail: string, errno: number): string {
  const filesystem = named(detail);
  const reasons: Readonly<Record<number, string>> = {
    [EINVAL]: `${filesystem} (or a filesystem mounted below it) does not support id-mapped mounts on this kernel`,
    [EPERM]: `${filesystem}: it is id-mapped already, or belongs to another user namespace`,
  };
  const reason = reasons[errno] ?? filesystem;
  return `${reason}: mount_setattr: ${errnoText(errno)}`;
}
