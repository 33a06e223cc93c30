import { each, type Report } from '../findings.ts';
import { memoryPolicies } from '../memory-policies.ts';
import { normalize } from '../path.ts';
import { escapePointer } from '../pointer.ts';
import type { Linux, LinuxIntelRdt, LinuxMemoryPolicy } from '../types.gen.ts';
import { isFileName, isInterfaceName, isList } from './format.ts';
import { namespaceTypes } from './namespaces.ts';

function checkHiddenPaths(linux: Linux, report: Report): void {
  const ownMounts = namespaceTypes(linux).has('mount');
  for (const key of ['maskedPaths', 'readonlyPaths'] as const) {
    if (!ownMounts && (linux[key]?.length ?? 0) > 0) {
      report.error(`/linux/${key}`, 'NEEDS_NAMESPACE', 'unable to restrict sys entries without a private MNT namespace');
    }
    for (const [path, place] of each(linux[key], `/linux/${key}`)) {
      if (path.startsWith('/')) continue;
      const message = `path ${JSON.stringify(path)} in linux.${key} must be absolute`;
      // Taken for "/", an empty one would hide or freeze the whole container.
      if (path === '') report.mend(place, 'EMPTY', message, undefined, 'it is ignored');
      else report.mend(place, 'NOT_ABSOLUTE', message, `/${path}`, 'it is taken from "/"');
    }
  }
}

function checkNetDevices(linux: Linux, report: Report): void {
  const entries = Object.entries(linux.netDevices ?? {});
  if (entries.length === 0) return;
  if (!namespaceTypes(linux).has('network')) {
    report.error('/linux/netDevices', 'NEEDS_NAMESPACE', 'unable to move network devices without a private NET namespace');
  }
  const names = new Set<string>();
  for (const [host, { name }] of entries) {
    const place = `/linux/netDevices/${escapePointer(host)}`;
    if (!isInterfaceName(host)) report.error(place, 'BAD_FORMAT', `invalid network device name ${JSON.stringify(host)}`);
    const target = name === undefined || name === '' ? host : name;
    // The kernel numbers names that end in %d; any other percent sign is refused by it.
    const isTemplate = target.endsWith('%d');
    if (!isInterfaceName(target) || target.slice(0, isTemplate ? -2 : undefined).includes('%')) {
      report.error(`${place}/name`, 'BAD_FORMAT', `invalid network device name ${JSON.stringify(target)}`);
    }
    if (names.has(target) && !isTemplate) report.error(place, 'DUPLICATE', `two network devices are to be named "${target}"`);
    names.add(target);
  }
}

function checkIntelRdt(rdt: LinuxIntelRdt | undefined, report: Report): void {
  if (rdt === undefined) return;
  const at = '/linux/intelRdt';
  const { closID = '', l3CacheSchema = '', memBwSchema = '' } = rdt;
  // "/" is the root of resctrl, the default class of service (LNX-126).
  if (closID !== '' && closID !== '/' && (!isFileName(closID) || /[\n\r]/.test(closID))) {
    report.error(`${at}/closID`, 'BAD_FORMAT', `invalid intelRdt.ClosID ${JSON.stringify(closID)}`);
  }
  if (l3CacheSchema.includes('\n')) report.error(`${at}/l3CacheSchema`, 'BAD_FORMAT', 'intelRdt.l3CacheSchema must be one line');
  if (l3CacheSchema !== '' && !l3CacheSchema.startsWith('L3:')) {
    report.warn(`${at}/l3CacheSchema`, 'DEPRECATED', 'intelRdt.l3CacheSchema should start with "L3:"');
  }
  if (memBwSchema !== '' && (!memBwSchema.startsWith('MB:') || memBwSchema.includes('\n'))) {
    report.error(`${at}/memBwSchema`, 'BAD_FORMAT', 'intelRdt.memBwSchema must be one line that starts with "MB:"');
  }
  for (const [line, place] of each(rdt.schemata, `${at}/schemata`)) {
    if (line.includes('\n')) report.error(place, 'BAD_FORMAT', 'an element of intelRdt.schemata must be one line');
  }
}

/** Which flags go with which policy (set_mempolicy(2)). */
function checkPolicyFlags({ mode, flags = [] }: LinuxMemoryPolicy, withoutNodes: boolean, report: Report): void {
  const refuse = (flag: string, why: string): void =>
    report.error('/linux/memoryPolicy/flags', 'CONFLICT', `${flag} does not go with ${why}`);
  const aboutNodes = flags.find((flag) => flag !== 'MPOL_F_NUMA_BALANCING');
  if (aboutNodes !== undefined && mode === 'MPOL_LOCAL') refuse(aboutNodes, mode);
  if (aboutNodes !== undefined && mode === 'MPOL_PREFERRED' && withoutNodes) refuse(aboutNodes, `${mode} without nodes`);
  if (flags.includes('MPOL_F_NUMA_BALANCING') && mode !== 'MPOL_BIND' && mode !== 'MPOL_PREFERRED_MANY')
    refuse('MPOL_F_NUMA_BALANCING', mode);
}

function checkMemoryPolicy(policy: LinuxMemoryPolicy | undefined, report: Report): void {
  if (policy === undefined) return;
  const at = '/linux/memoryPolicy';
  const nodes = policy.nodes ?? '';
  if (nodes !== '' && !isList(nodes)) {
    report.error(`${at}/nodes`, 'BAD_FORMAT', `invalid memoryPolicy.nodes ${JSON.stringify(nodes)}`, 'expected a list like "0-3,7"');
  }
  const wanted = memoryPolicies[policy.mode].nodes;
  if (nodes !== '' && wanted === 'none') report.error(`${at}/nodes`, 'CONFLICT', `memory policy ${policy.mode} takes no nodes`);
  if (nodes === '' && wanted === 'needed') report.error(`${at}/nodes`, 'NEEDS_PROPERTY', `memory policy ${policy.mode} needs nodes`);
  const flags = policy.flags ?? [];
  checkPolicyFlags(policy, nodes === '', report);
  if (flags.includes('MPOL_F_STATIC_NODES') && flags.includes('MPOL_F_RELATIVE_NODES')) {
    report.error(`${at}/flags`, 'CONFLICT', 'MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other');
  }
}

/** The path with its ".." resolved, which never lead above its root. */
const resolved = (path: string): string => (path.startsWith('/') ? normalize(path) : normalize(`/${path}`).slice(1));

function checkCgroupsPath(path: string | undefined, report: Report): void {
  if (!path) return;
  if (path.includes('\n'))
    report.foretell('/linux/cgroupsPath', 'INVALID_CGROUPS_PATH', `cgroupsPath ${JSON.stringify(path)} must be one line`);
  if (!path.split('/').includes('..')) {
    // Without cgroups nobody looks at it.
    if (/^[./]+$/.test(path) && normalize(`/${path}`) === '/') {
      report.foretell('/linux/cgroupsPath', 'INVALID_CGROUPS_PATH', `cgroupsPath ${JSON.stringify(path)} names the root cgroup`);
    }
    return;
  }
  const message = `cgroupsPath ${JSON.stringify(path)} must not contain ".."`;
  const below = resolved(path);
  // A colon: the names of a slice and a scope. Nothing left: the id would take its place.
  if (path.includes(':') || below === '' || below === '/') report.error('/linux/cgroupsPath', 'BAD_FORMAT', message);
  else report.mend('/linux/cgroupsPath', 'BAD_FORMAT', message, below, `it is taken for ${JSON.stringify(below)}`);
}

/** What has no chapter of its own: cgroup path, hidden paths, network devices, RDT, memory policy, personality. */
export function checkLinux(linux: Linux, report: Report): void {
  checkCgroupsPath(linux.cgroupsPath, report);
  checkHiddenPaths(linux, report);
  checkNetDevices(linux, report);
  checkIntelRdt(linux.intelRdt, report);
  checkMemoryPolicy(linux.memoryPolicy, report);
  for (const [flag, place] of each(linux.personality?.flags, '/linux/personality/flags')) {
    report.mend(place, 'UNKNOWN_VALUE', `unknown personality flag ${JSON.stringify(flag)}: the specification defines none`, undefined);
  }
}
