import { describe, expect, test } from 'vitest';
import { mountsWith } from '../../host/mount-table.ts';
import { externalMounts } from './external.ts';

const host = mountsWith(
  `20 1 254:0 / / rw - ext4 /dev/vda rw
21 20 0:20 / /proc rw - proc proc rw
22 20 0:21 / /sys rw - sysfs sysfs rw
23 20 0:22 / /run rw - tmpfs tmpfs rw
24 22 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu`,
  ' - ',
);

const lines = (...mounts: readonly string[]) =>
  mountsWith(['90 1 254:0 /bundle/rootfs / ro - ext4 /dev/vda rw', ...mounts].join('\n'), ' - ');

const keys = (...call: Parameters<typeof externalMounts>): string[] => externalMounts(...call).map(({ key }) => key);

describe('mounts that come from outside', () => {
  test('are none where everything was made for the container', () => {
    const own = lines(
      '91 90 0:50 / /proc rw - proc proc rw',
      '92 90 0:51 / /dev rw - tmpfs tmpfs rw',
      '93 91 0:51 /null /proc/keys rw - tmpfs tmpfs rw',
    );
    expect(keys(own, host, false)).toEqual([]);
  });

  test('are binds of the host, also of its own filesystems of the kernel', () => {
    const bound = lines(
      '91 90 254:0 /volume /data rw - ext4 /dev/vda rw',
      '92 91 0:22 /user /data/below rw - tmpfs tmpfs rw',
      '93 90 0:20 / /proc rw - proc proc rw',
    );
    expect(keys(bound, host, false)).toEqual(['/data', '/data/below', '/proc']);
  });

  test('are not parts of the root filesystem itself', () => {
    expect(keys(lines('91 90 254:0 /bundle/rootfs/root /root ro - ext4 /dev/vda rw'), host, false)).toEqual([]);
    expect(keys(lines('91 90 254:0 /bundle/rootfs2 /root ro - ext4 /dev/vda rw'), host, false)).toEqual(['/root']);
  });

  test('are filesystems that CRIU does not make, and parts of what is not there as a whole', () => {
    expect(keys(lines('91 90 8:1 / /disk rw - xfs /dev/sda1 rw'), host, false)).toEqual(['/disk']);
    expect(keys(lines('91 90 0:60 /tty /dev/tty rw - tmpfs tmpfs rw'), host, false)).toEqual(['/dev/tty']);
  });

  test('are those that nothing can be in: over masked directories, and around hierarchies of cgroups, unless they can be written to', () => {
    const empty = lines(
      '91 90 0:70 / /proc/acpi ro - tmpfs tmpfs ro,size=4k',
      '92 90 0:70 / /sys/firmware ro - tmpfs tmpfs ro,size=4k',
      '93 90 0:71 / /sys/fs/cgroup ro - tmpfs tmpfs rw,mode=755',
      '94 93 0:29 /box /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu',
    );
    const masked = ['/proc/acpi', '/sys/firmware/'];
    expect(keys(empty, host, false, masked)).toEqual(['/proc/acpi', '/sys/firmware', '/sys/fs/cgroup', '/sys/fs/cgroup/cpu']);
    expect(keys(empty, host, true, ['/sys/firmware'])).toEqual(['/sys/firmware']);
    const written = lines('91 90 0:70 / /masked rw - tmpfs tmpfs rw', '92 90 0:71 / /sys/fs/cgroup rw - tmpfs tmpfs rw');
    expect(keys(written, host, false, ['/masked'])).toEqual([]);
  });

  test('cgroups are the container’s own in a namespace of theirs alone', () => {
    const cgroups = lines('91 90 0:29 /box /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu');
    expect(keys(cgroups, host, true)).toEqual([]);
    expect(keys(cgroups, host, false)).toEqual(['/sys/fs/cgroup/cpu']);
  });

  test('are called by their places, and masks of files by what they are', () => {
    const mapped = lines(
      '91 90 0:51 / /dev rw - tmpfs tmpfs rw',
      '92 91 0:60 /0 /dev/null rw - tmpfs tmpfs rw',
      '93 91 0:60 /5 /dev/tty rw - tmpfs tmpfs rw',
      '94 90 0:60 /0 /proc/keys rw - tmpfs tmpfs rw',
    );
    expect(externalMounts(mapped, host, false)).toEqual([
      { key: '/dev/null', val: '/dev/null' },
      { key: '/dev/tty', val: '/dev/tty' },
      { key: '/proc/keys', val: '/dev/null' },
    ]);
    const bound = lines('91 90 0:6 / /dev rw - devtmpfs udev rw', '92 90 0:6 /null /proc/keys rw - devtmpfs udev rw');
    expect(externalMounts(bound, host, false)).toEqual([
      { key: '/dev', val: '/dev' },
      { key: '/proc/keys', val: '/dev/null' },
    ]);
  });
});
