import { errnoText } from '../../errno.ts';
import { EINVAL, EPERM } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';

/** Names of filesystems by the number statfs(2) gives them (linux/magic.h). */
const filesystems: Readonly<Record<string, string>> = {
  '0xef53': 'ext4',
  '0x58465342': 'xfs',
  '0x9123683e': 'btrfs',
  '0x1021994': 'tmpfs',
  '0x794c7630': 'overlay',
  '0x6969': 'nfs',
  '0x65735546': 'fuse',
  '0x4d44': 'vfat',
  '0x2011bab0': 'exfat',
  '0xf2f52010': 'f2fs',
  '0xe0f5e1e2': 'erofs',
  '0x73717368': 'squashfs',
  '0x9660': 'iso9660',
  '0x1021997': '9p',
  '0x9fa0': 'proc',
  '0x62656572': 'sysfs',
  '0x1cd1': 'devpts',
  '0x19800202': 'mqueue',
  '0x27e0eb': 'cgroup',
  '0x63677270': 'cgroup2',
  '0x2fc12fc1': 'zfs',
  '0x958458f6': 'hugetlbfs',
  '0x858458f6': 'ramfs',
  '0x64626720': 'debugfs',
  '0x74726163': 'tracefs',
  '0xcafe4a11': 'bpf',
};

/** Why mount_setattr(2) does not map ids, as far as its errno tells; `detail` is init's "filesystem 0x…". */
export function idMappingRefusal(detail: string, errno: number): string {
  const number = detail.replace('filesystem ', '');
  const filesystem = lookup(filesystems, number) ?? `filesystem ${number}`;
  const reasons: Readonly<Record<number, string>> = {
    [EINVAL]: `${filesystem} (or a filesystem mounted below it) does not support id-mapped mounts on this kernel`,
    [EPERM]: `${filesystem}: it is id-mapped already, or belongs to another user namespace`,
  };
  const reason = reasons[errno] ?? filesystem;
  return `${reason}: mount_setattr: ${errnoText(errno)}`;
}
