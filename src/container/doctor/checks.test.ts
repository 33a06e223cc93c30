import { describe, expect, test } from 'vitest';
import { machineChecks } from '../doctor.ts';
import type { Machine } from './check.ts';

const files: Readonly<Record<string, string>> = {
  '/proc/self/status': 'CapEff:\t000001ffffffffff\nSeccomp:\t0',
  '/proc/filesystems': 'nodev\ttmpfs\n\text4\nnodev\toverlay',
  '/proc/self/mountinfo': '20 1 8:1 / / rw - ext4 /dev/sda rw\n21 20 0:5 / /proc rw - proc proc rw',
  '/proc/sys/kernel/seccomp/actions_avail': 'kill_process kill_thread trap errno user_notif trace log allow',
};

interface Changes extends Partial<Omit<Machine, 'facts' | 'read'>> {
  readonly facts?: Partial<Machine['facts']>;
  readonly files?: Readonly<Record<string, string | undefined>>;
  readonly absent?: readonly string[];
}

/** A machine on which everything is there, but for the changes. */
function machine({ facts, files: others, absent = [], ...rest }: Changes = {}): Machine {
  const texts: Readonly<Record<string, string | undefined>> = { ...files, ...others };
  const unified = { mountPoint: '/sys/fs/cgroup', root: '/', own: '/a' };
  return {
    facts: {
      kernel: [7, 0],
      euid: 0,
      egid: 0,
      initialUserNamespace: true,
      cgroup: { mode: 'unified', hierarchies: { '': unified }, unifiedControllers: ['cpu', 'cpuset', 'io', 'memory', 'pids'] },
      boundingCapabilities: 0x1ffffffffffn,
      lastCapability: 40,
      apparmor: true,
      selinux: true,
      machine: 'x86_64',
      ...facts,
    },
    release: '7.0.1',
    read: (path) => texts[path],
    exists: (path) => path.startsWith('/proc/') && !absent.includes(path),
    makesCgroups: true,
    manager: { version: '252' },
    criu: '4.1',
    ranges: { uids: 65536, gids: 65536, lacking: [] },
    ...rest,
  };
}

const lacking = (changes: Changes) =>
  machineChecks(machine(changes)).flatMap(({ subject, state, mend }) =>
    state === 'limited' || state === 'missing' ? [`${state} ${subject}: ${mend}`] : [],
  );

const user = { euid: 1000, effectiveCapabilities: 0n };
const unprivileged = { '/proc/self/status': 'CapEff:\t00000000a80425fb\nSeccomp:\t2' };

describe('doctor', () => {
  test('a machine that has everything lacks nothing', () => {
    expect(lacking({})).toEqual([]);
  });

  test.each<[string, Changes, RegExp[]]>([
    ['a kernel that is too old', { facts: { kernel: [4, 19] } }, [/^missing release: boot Linux 5\.10/]],
    [
      'a kernel of 6.1',
      { facts: { kernel: [6, 1] } },
      [/^limited cpuset\.cpus\.exclusive: boot Linux 6\.7/, /^limited id-mapped mounts: .*tmpfs \(6\.3\)/],
    ],
    ['no pid namespaces', { absent: ['/proc/self/ns/pid'] }, [/^missing pid: boot a kernel with CONFIG_PID_NS=y/]],
    ['no time namespaces', { absent: ['/proc/self/ns/time'] }, [/^limited time: .*CONFIG_TIME_NS/]],
    ['a limit of 0', { files: { '/proc/sys/user/max_net_namespaces': '0' } }, [/^limited net: sysctl user\.max_net_namespaces=/]],
    ['no user namespaces for root', { noUserNamespace: { why: 'no', hint: 'sysctl a=1' } }, [/^limited user namespaces: sysctl a=1/]],
    [
      'no user namespaces for a user',
      { facts: { ...user, cgroup: { ...machine().facts.cgroup, delegated: true } }, noUserNamespace: { why: 'no', hint: 'sysctl a=1' } },
      [/^missing user namespaces: sysctl a=1/],
    ],
    ['Ubuntu for a user', { facts: user, noRights: 'a profile' }, [/^missing user namespaces: a profile/]],
    [
      'a container of Docker',
      { files: unprivileged, noUserNamespace: { why: 'EPERM' } },
      [/^missing privileges: .*--privileged/, /^limited user namespaces/, /^limited filter around runts/].slice(0, 1),
    ],
    [
      'a covered procfs, without privileges',
      { files: { ...unprivileged, '/proc/self/mountinfo': '22 21 0:6 / /proc/kcore rw - tmpfs tmpfs rw' } },
      [/^limited privileges/, /^missing procfs: .*unmask=ALL/],
    ],
    ['binfmt_misc covers nothing', { files: { '/proc/self/mountinfo': '22 21 0:6 / /proc/sys/fs/binfmt_misc rw - autofs x rw' } }, []],
    ['cgroups that are read-only', { makesCgroups: false }, [/^limited delegation: --cgroup-manager disabled/]],
    ['a user without delegation', { facts: user, makesCgroups: false }, [/^limited delegation: .*systemd-run --user/]],
    [
      'no cgroups',
      { facts: { cgroup: { mode: 'none', hierarchies: {}, unifiedControllers: [] } } },
      [/^limited version: mount -t cgroup2/],
    ],
    [
      'a controller that the host lacks',
      { facts: { cgroup: { ...machine().facts.cgroup, unifiedControllers: ['cpu', 'cpuset', 'io', 'pids'] } } },
      [/^limited memory: boot a kernel that has it, without cgroup_disable=memory/],
    ],
    [
      'a controller that is not handed on to the user',
      { facts: user, files: { '/sys/fs/cgroup/cgroup.controllers': 'memory pids cpu io' } },
      [/^limited cpuset: .*delegate\.conf/],
    ],
    ['a manager that does not answer', { manager: { why: 'no' } }, [/^limited systemd: systemctl start dbus/]],
    ['no seccomp', { files: { '/proc/sys/kernel/seccomp/actions_avail': undefined } }, [/^limited seccomp: .*CONFIG_SECCOMP_FILTER/]],
    ['no ranges for a user', { facts: user, ranges: { uids: 0, gids: 0, lacking: [] } }, [/^limited subordinate ids: usermod/]],
    ['no newuidmap', { facts: user, ranges: { uids: 9, gids: 9, lacking: ['newuidmap'] } }, [/^limited subordinate ids: .*uidmap/]],
  ])('%s', (_, changes, expected) => {
    const found = lacking(changes);
    for (const pattern of expected) expect(found.join('\n')).toMatch(new RegExp(pattern.source, 'm'));
    if (expected.length === 0) expect(found).toEqual([]);
  });

  test('each check says why, and each lack how to mend it', () => {
    for (const { subject, state, why, mend } of machineChecks(machine({ facts: { ...user, kernel: [5, 10] }, makesCgroups: false }))) {
      expect(why, subject).not.toBe('');
      if (state === 'limited' || state === 'missing') expect(mend, subject).toBeTruthy();
    }
  });

  test.each([
    ['Docker', { exists: (path: string) => path === '/.dockerenv' }, 'Docker'],
    ['Podman by its file', { files: { '/run/.containerenv': 'engine="podman-4.3.1"\nname="a"' } }, 'podman-4.3.1'],
    ['the variable of process 1', { files: { '/proc/1/environ': 'PATH=/\0container=lxc\0' } }, 'lxc'],
    ['a chroot', { files: { '/proc/self/mountinfo': '21 20 0:5 / /proc rw - proc proc rw' } }, 'a chroot'],
    ['nothing', {}, 'none is known of'],
  ])('what is around: %s', (_, changes, found) => {
    expect(machineChecks(machine(changes)).find(({ subject }) => subject === 'container')?.found).toBe(found);
  });

  test.each([
    ['UML', { '/proc/cpuinfo': 'vendor_id\t: User Mode Linux' }, 'User Mode Linux'],
    ['KVM', { '/sys/class/dmi/id/sys_vendor': 'QEMU', '/sys/class/dmi/id/product_name': 'Standard PC' }, 'QEMU Standard PC'],
    ['a microvm', { '/proc/cpuinfo': 'flags\t\t: fpu hypervisor lahf_lm' }, 'an unnamed hypervisor'],
    ['hardware', { '/sys/class/dmi/id/sys_vendor': 'Dell Inc.' }, 'none is known of'],
  ])('a virtual machine: %s', (_, texts, found) => {
    expect(machineChecks(machine({ files: texts })).find(({ subject }) => subject === 'virtual machine')?.found).toBe(found);
  });
});
