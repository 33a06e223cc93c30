import { decodeOctal } from './cgroups.ts';

/** Where the resctrl filesystem is mounted, according to the text of /proc/self/mountinfo. */
export function resctrlMount(mountinfo: string): string | undefined {
  if (!mountinfo.includes(' - resctrl ')) return undefined;
  const line = mountinfo.split('\n').find((candidate) => candidate.includes(' - resctrl '));
  const mountPoint = line?.split(' ')[4];
  return mountPoint === undefined ? undefined : decodeOctal(mountPoint);
}
