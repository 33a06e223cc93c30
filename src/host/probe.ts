import { addon } from '../native/addon.ts';
import { cgroupFacts } from './cgroups.ts';
import type { HostFacts } from './facts.ts';
import { resctrlMount } from './resctrl.ts';

/** Text of a file, "" when it cannot be read: facts about what a kernel lacks. */
function textOf(path: string): string {
  try {
    return addon.readFileIfThere(path) ?? '';
  } catch {
    return '';
  }
}

/** Looks at the host: everything that plan() is told about it. */
export function hostFacts(): HostFacts {
  const { release, machine } = addon.uname();
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  const bounding = addon.boundingCapabilities();
  const mountinfo = textOf('/proc/self/mountinfo');
  const resctrl = resctrlMount(mountinfo);
  const [inside, outside, size] = textOf('/proc/self/uid_map').trim().split(' ').filter(Boolean);
  return {
    kernel: [major, minor],
    euid: addon.geteuid(),
    egid: addon.getegid(),
    initialUserNamespace: inside === '0' && outside === '0' && size === '4294967295',
    cgroup: cgroupFacts(mountinfo, textOf('/proc/self/cgroup'), (mountPoint) => textOf(`${mountPoint}/cgroup.controllers`)),
    boundingCapabilities: bounding.held,
    lastCapability: bounding.last,
    apparmor: textOf('/sys/module/apparmor/parameters/enabled').trim() === 'Y',
    selinux: addon.stat('/sys/fs/selinux/enforce', true) !== null,
    ...(resctrl === undefined ? {} : { resctrl }),
    machine,
  };
}
