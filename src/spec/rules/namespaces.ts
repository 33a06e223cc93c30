import { each, type Report } from '../findings.ts';
import { escapePointer } from '../pointer.ts';
import type { Linux, LinuxNamespace, LinuxNamespaceType } from '../types.gen.ts';
import { checkMappings, checkOverlaps } from './mappings.ts';

/** Types of the namespaces the container does not share with the runtime, made new or joined by path. */
export function namespaceTypes(linux: Linux | undefined): ReadonlySet<LinuxNamespaceType> {
  const types = new Set<LinuxNamespaceType>();
  for (const [namespace] of each(linux?.namespaces, '')) types.add(namespace.type);
  return types;
}

function checkList(linux: Linux, report: Report): void {
  const seen = new Set<string>();
  for (const [{ type, path }, place] of each(linux.namespaces, '/linux/namespaces')) {
    if (seen.has(type)) report.error(place, 'DUPLICATE', `malformed spec file: duplicated ns "${type}"`);
    seen.add(type);
    if (path !== undefined && path !== '' && !path.startsWith('/')) {
      report.error(`${place}/path`, 'NOT_ABSOLUTE', `namespace path ${JSON.stringify(path)} must be absolute`);
    }
  }
}

function find(linux: Linux, type: LinuxNamespaceType): readonly [LinuxNamespace, string] | undefined {
  for (const entry of each(linux.namespaces, '/linux/namespaces')) if (entry[0].type === type) return entry;
  return undefined;
}

function checkUserNamespace(linux: Linux, report: Report): void {
  const user = find(linux, 'user');
  for (const [key, kind] of [
    ['uidMappings', 'uid'],
    ['gidMappings', 'gid'],
  ] as const) {
    const given = (linux[key]?.length ?? 0) > 0;
    if (given && user === undefined) {
      const message = "User namespace mappings specified, but user namespace isn't enabled in the config";
      report.error(`/linux/${key}`, 'NEEDS_NAMESPACE', message, 'add {"type": "user"} to linux.namespaces');
    }
    // A joined user namespace has its mappings already.
    if (!given && user !== undefined && (user[0].path ?? '') === '') {
      const message = `user namespaces enabled, but no ${kind} mappings found`;
      const hint = `the runtime's own id and its subordinate ones are mapped; add linux.${key}, or a path to an existing user namespace`;
      report.tolerate(`/linux/${key}`, 'NEEDS_PROPERTY', message, hint);
    }
    checkMappings(linux[key], `/linux/${key}`, report);
    if (user !== undefined && (user[0].path ?? '') === '') checkOverlaps(linux[key], `/linux/${key}`, report);
  }
}

function checkTimeOffsets(linux: Linux, report: Report): void {
  const offsets = Object.entries(linux.timeOffsets ?? {});
  if (offsets.length === 0) return;
  const time = find(linux, 'time');
  if (time === undefined) {
    const message = "time namespace offsets specified, but time namespace isn't enabled in the config";
    report.error('/linux/timeOffsets', 'NEEDS_NAMESPACE', message, 'add {"type": "time"} to linux.namespaces');
  } else if ((time[0].path ?? '') !== '') {
    const message = 'time namespace enabled, but both namespace path and time offsets specified -- you may only provide one';
    report.error('/linux/timeOffsets', 'CONFLICT', message);
  }
  for (const [clock, { nanosecs = 0 }] of offsets) {
    const place = `/linux/timeOffsets/${escapePointer(clock)}`;
    if (clock !== 'monotonic' && clock !== 'boottime') {
      report.error(place, 'UNKNOWN_VALUE', `unknown clock ${JSON.stringify(clock)}: expected monotonic or boottime`);
    }
    if (nanosecs >= 1e9) report.error(`${place}/nanosecs`, 'OUT_OF_RANGE', `nanosecs ${nanosecs} must be below 1000000000`);
  }
}

/** Namespaces, user mappings and time offsets. */
export function checkNamespaces(linux: Linux, report: Report): void {
  checkList(linux, report);
  checkUserNamespace(linux, report);
  checkTimeOffsets(linux, report);
}
