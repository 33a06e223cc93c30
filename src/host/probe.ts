import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import { cgroupFacts } from './cgroups.ts';
import { withDelegation } from './delegated-cgroup.ts';
import type { HostFacts } from './facts.ts';
import { resctrlMount } from './resctrl.ts';
import { inInitialUserNamespace } from './user-namespace.ts';

/** Text of a file, "" when this kernel lacks it. One that cannot be read says nothing, least of all that there are no cgroups: an error. */
const textOf = (path: string): string => addon.readFileIfThere(path) ?? '';

/** The kernel does not answer where the module is not set up (EINVAL), nor whoever may not know; then a profile cannot be had either. */
function hasAppArmor(): boolean {
  try {
    return textOf('/sys/module/apparmor/parameters/enabled').trim() === 'Y';
  } catch (error) {
    if (failedWith(error, 'EINVAL', 'EPERM', 'EACCES')) return false;
    throw error;
  }
}

function readRelease(release: string): HostFacts['kernel'] {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return [major, minor];
}

/** The release of the kernel, asked anew: for what has failed. */
export const presentKernel = (): HostFacts['kernel'] => readRelease(addon.uname().release);

/** The effective capabilities that /proc/PID/status tells, a bit each. */
export function effectiveIn(status: string): bigint | undefined {
  const [, mask] = /^CapEff:\t([0-9a-f]+)$/m.exec(status) ?? [];
  return mask === undefined ? undefined : BigInt(`0x${mask}`);
}

/** Such as file capabilities or an outer container have given to a user. */
const effectiveCapabilities = (): bigint => effectiveIn(textOf('/proc/self/status')) ?? 0n;

/**
 * Looks at the host: everything that plan() is told about it.
 * @throws RuntimeError PROC_NOT_MOUNTED
 * @throws SystemError
 */
export function hostFacts(): HostFacts {
  const mountinfo = textOf('/proc/self/mountinfo');
  if (mountinfo === '') {
    const hint = 'mount it: `mount -t proc proc /proc`, in a chroot as well';
    throw new RuntimeError('PROC_NOT_MOUNTED', 'procfs is not mounted on /proc, and runts learns from it what this machine is like', {
      hint,
    });
  }
  const { release, machine } = addon.uname();
  const bounding = addon.boundingCapabilities();
  const resctrl = resctrlMount(mountinfo);
  const initialUserNamespace = inInitialUserNamespace();
  const euid = addon.geteuid();
  const capabilities = euid === 0 ? 0n : effectiveCapabilities();
  const cgroup = cgroupFacts(mountinfo, textOf('/proc/self/cgroup'), (mountPoint) => textOf(`${mountPoint}/cgroup.controllers`));
  const setgroupsDenied = !initialUserNamespace && textOf('/proc/self/setgroups').trim() === 'deny';
  const foreignMounts = !initialUserNamespace && !addon.ownsMountNamespace();
  return {
    kernel: readRelease(release),
    euid,
    egid: addon.getegid(),
    ...(capabilities === 0n ? {} : { effectiveCapabilities: capabilities }),
    initialUserNamespace,
    ...(setgroupsDenied ? { setgroupsDenied } : {}),
    ...(foreignMounts ? { foreignMounts } : {}),
    cgroup: euid === 0 && initialUserNamespace ? cgroup : withDelegation(cgroup, euid),
    boundingCapabilities: bounding.held,
    lastCapability: bounding.last,
    apparmor: hasAppArmor(),
    selinux: addon.stat('/sys/fs/selinux/enforce', true) !== null,
    ...(resctrl === undefined ? {} : { resctrl }),
    machine,
  };
}
