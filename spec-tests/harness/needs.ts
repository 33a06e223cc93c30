import { existsSync, readFileSync } from 'node:fs';
import { release as osRelease } from 'node:os';
import { inject } from 'vitest';
import { compareVersions } from '../deviations/deviation.ts';
import { criuPath, criuVersion, tracksMemory } from './criu.ts';
import { otherNodePrograms } from './nodes.ts';
import { redisFolder } from './redis.ts';
import { cgroupMode, findRuntime, inVm, isMadeByBun, type RuntimeKind, runtimeVersion, slowness } from './suite.ts';

/** What a test can ask of the host or of the runtime under test. */
export type Need =
  | 'probe'
  | 'cgroup v1'
  | 'cgroup v2'
  | 'CAP_SYS_RESOURCE'
  | 'a user in the root cgroup'
  /** Not where all is a hundred times slower: for what takes long, and asks nothing of the kernel. */
  | 'real hardware'
  | 'a virtual machine'
  /** One that nothing else runs on: parameters of its kernel may be changed for a while. */
  | 'a machine of its own'
  | 'two CPUs'
  | 'a static executable'
  /** Of runts its one file: what takes long is tried once, and not under Node as well. */
  | 'the executable'
  | 'x86-64'
  | 'another engine than Bun'
  | 'CRIU'
  | 'CRIU with memory tracking'
  | 'CRIU without memory tracking'
  /** Before 4.1 it calls either scripts or who has called it. */
  | 'CRIU with scripts of its own'
  /** Before 4.2 it asks sockets for options that those of Linux 6.16 have not. */
  | 'CRIU that restores connections'
  | 'redis'
  | 'other releases of Node'
  | 'SPEC_DEBIAN'
  | 'a kernel without AppArmor'
  | 'a kernel without SELinux'
  | 'a host without systemd'
  | 'a kernel without the controller rdma'
  | `Linux ${number}.${number}`
  | `Linux before ${number}.${number}`
  | RuntimeKind
  | `not ${RuntimeKind}`
  /** Restricts that runtime alone: what older versions lack as a whole. */
  | `${'runc' | 'crun'} ${number}.${number} or later`
  | `/${string}`;

/** "Y" when the module is in use; securityfs need not be mounted. */
const appArmor = '/sys/module/apparmor/parameters/enabled';

function hasCapability(bit: bigint): boolean {
  const bounding = /CapBnd:\t(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${bounding}`) >> bit) & 1n) === 1n;
}

/** Whether no dynamic linker is named where ELF files have it, near the beginning. */
export function isStatic(command: readonly string[]): boolean {
  const [executable = '', script] = command;
  return script === undefined && !readFileSync(executable).subarray(0, 4096).includes('/ld-');
}

/** Whether the kernel is of this release or a later one. */
export function isKernelSince(release: string): boolean {
  const [major = 0, minor = 0] = osRelease()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = release.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** Whether the CRIU of that PATH restores TCP connections on this kernel; not where there is none. */
export const restoresConnections = (path: string): boolean => path !== '' && (!isKernelSince('6.16') || criuVersion(path) >= 40200);

function met(need: Need): boolean {
  const kind = findRuntime().kind;
  if (need.startsWith('/')) return existsSync(need);
  if (need.startsWith('Linux before ')) return !isKernelSince(need.slice('Linux before '.length));
  if (need.startsWith('Linux ')) return isKernelSince(need.slice('Linux '.length));
  if (need.startsWith('not ')) return `not ${kind}` !== need;
  if (need.endsWith(' or later')) {
    const [restricted, since = ''] = need.split(' ');
    return kind !== restricted || compareVersions(runtimeVersion(), since) >= 0;
  }
  switch (need) {
    case 'probe':
      return inject('suite').probe !== '';
    case 'cgroup v1':
      return cgroupMode === 'v1';
    case 'cgroup v2':
      return cgroupMode === 'unified';
    case 'CAP_SYS_RESOURCE':
      return hasCapability(24n);
    case 'a user in the root cgroup':
      return readFileSync('/proc/self/cgroup', 'utf8')
        .trim()
        .split('\n')
        .every((line) => line.endsWith(':/'));
    case 'real hardware':
      return !inVm && slowness === 1;
    case 'a machine of its own':
      return process.env['SPEC_STRICT'] === '1';
    case 'a virtual machine':
      return inVm;
    case 'two CPUs':
      return /processor\s*: 1/.test(readFileSync('/proc/cpuinfo', 'utf8'));
    case 'a static executable':
      return isStatic(findRuntime().command);
    case 'the executable':
      return kind !== 'runts' || isStatic(findRuntime().command);
    case 'x86-64':
      return process.arch === 'x64';
    case 'another engine than Bun':
      return !isMadeByBun(findRuntime());
    case 'CRIU':
      return criuPath() !== undefined;
    case 'CRIU with memory tracking':
      return criuPath() !== undefined && tracksMemory();
    case 'CRIU without memory tracking':
      return criuPath() !== undefined && !tracksMemory();
    case 'CRIU with scripts of its own':
      return criuVersion(criuPath() ?? '') >= 40100;
    case 'CRIU that restores connections':
      return restoresConnections(criuPath() ?? '');
    case 'redis':
      return redisFolder() !== undefined;
    case 'other releases of Node':
      return otherNodePrograms() !== undefined;
    case 'SPEC_DEBIAN':
      return false;
    case 'a kernel without AppArmor':
      return !(existsSync(appArmor) && readFileSync(appArmor, 'utf8').startsWith('Y'));
    case 'a kernel without SELinux':
      return !existsSync('/sys/fs/selinux');
    case 'a kernel without the controller rdma':
      return !/^rdma\t/m.test(readFileSync('/proc/cgroups', 'utf8'));
    case 'a host without systemd':
      return !existsSync('/run/systemd/system');
    default:
      return kind === need;
  }
}

/** @returns why a test cannot run here, or undefined. Root and busybox are needed by every test. */
export function missing(needs: readonly Need[]): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (inject('suite').directory === '') return 'needs busybox-static (apt-get install busybox-static)';
  const need = needs.find((candidate) => !met(candidate));
  if (need === undefined) return undefined;
  return need.startsWith('not ') ? `does not apply to ${need.slice(4)}` : `needs ${need === 'probe' ? 'gcc' : need}`;
}
