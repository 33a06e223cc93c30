import type { Report } from '../findings.ts';
import { escapePointer } from '../pointer.ts';
import type { Linux, LinuxNamespaceType } from '../types.gen.ts';
import { isFileName } from './format.ts';
import { namespaceTypes } from './namespaces.ts';

const ipcKeys = new Set(
  ['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced'].map((name) => `kernel.${name}`),
);

const exchanged = (name: string): string => name.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'));

/**
 * Path of a kernel parameter below /proc/sys. Dots separate, unless a slash comes first ("net/ipv4/conf/eth0.1/forwarding"): then slashes do,
 * and dots belong to names, as sysctl(8) reads it.
 */
export const sysctlPath = (name: string): string => (name[name.search(/[./]/)] === '/' ? name : exchanged(name));

/** Why a sysctl must not be set for a container with these namespaces; undefined when it may. */
function refusal(key: string, types: ReadonlySet<LinuxNamespaceType>): string | undefined {
  if (ipcKeys.has(key) || key.startsWith('fs.mqueue.')) {
    return types.has('ipc') ? undefined : `sysctl "${key}" is not allowed in the hosts ipc namespace`;
  }
  if (key.startsWith('net.')) return types.has('network') ? undefined : `sysctl "${key}" not allowed in host network namespace`;
  if (key.startsWith('user.') && types.has('user')) return undefined;
  if (key === 'kernel.domainname' && types.has('uts')) return undefined;
  if (key === 'kernel.hostname' && types.has('uts')) {
    return `sysctl "${key}" is not allowed as it conflicts with the OCI "hostname" field`;
  }
  return `sysctl "${key}" is not in a separate kernel namespace`;
}

/** Only sysctls of the container's own namespaces (LNX-145). */
export function checkSysctl(linux: Linux, report: Report): void {
  const entries = Object.entries(linux.sysctl ?? {});
  if (entries.length === 0) return;
  const types = namespaceTypes(linux);
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    const place = `/linux/sysctl/${escapePointer(name)}`;
    const path = sysctlPath(name);
    // Dots between dots: the same name in either way of writing.
    const key = exchanged(path);
    if (!path.split('/').every(isFileName)) {
      report.error(place, 'BAD_FORMAT', `invalid sysctl name ${JSON.stringify(name)}`);
      continue;
    }
    const message = refusal(key, types);
    if (message !== undefined) report.error(place, 'NEEDS_NAMESPACE', message);
    if (seen.has(key))
      report.tolerate(place, 'DUPLICATE', `sysctl "${key}" is given twice, with dots and with slashes`, 'the last one counts');
    seen.add(key);
    // The kernel reads no further than the line.
    if (value.includes('\n')) report.tolerate(place, 'BAD_FORMAT', `value of sysctl "${key}" must not contain a newline`);
  }
}
