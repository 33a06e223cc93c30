import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith, isSystemError, withDetail } from '../../native/system-error.ts';
import type { RuntimeAction } from '../../plan/plan.ts';
import { callFailure } from '../failure/call.ts';

type ActionOf<O extends RuntimeAction['op']> = Extract<RuntimeAction, { op: O }>;

/** Makes a group unless it is there. @returns whether it was made */
export function createGroup(path: string): boolean {
  try {
    addon.mkdir(path, 0o755);
    return true;
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return false;
    throw withStatus(error, path);
  }
}

/** @throws RuntimeError RESCTRL_GROUP_MISSING (LNX-137) */
export function requireGroup(path: string): void {
  if (addon.stat(path, true)?.type === 'directory') return;
  throw new RuntimeError('RESCTRL_GROUP_MISSING', `the resctrl group ${path} does not exist`, {
    pointer: '/linux/intelRdt/closID',
    hint: 'make the group first, or give a schema: then it is made',
  });
}

/** "L3:0=0ff;1=F" → {"0": "ff", "1": "f"}: domains in any order, numbers without leading zeros. */
function domains(line: string): Map<string, string> {
  const values = line.slice(line.indexOf(':') + 1).split(';');
  return new Map(
    values.map((value) => {
      const [domain = '', number = ''] = value.split('=').map((part) => part.trim());
      return [domain, number.toLowerCase().replace(/^0+(?=.)/, '')];
    }),
  );
}

const resourceOf = (line: string): string => line.slice(0, line.indexOf(':')).trim();

/** Whether what a schema says of each domain is what the file `schemata` says. */
export function holds(schemata: string, wanted: string): boolean {
  const present = schemata.split('\n').find((line) => resourceOf(line) === resourceOf(wanted));
  if (present === undefined) return false;
  const values = domains(present);
  return [...domains(wanted)].every(([domain, number]) => values.get(domain) === number);
}

/**
 * Writes the schemata of a group that was made here; compares those of one that was there before, and writes the other lines.
 * @throws RuntimeError RESCTRL_MISMATCH (LNX-136)
 */
export function applySchemata({ path, lines, expected }: ActionOf<'resctrl.schemata'>, isNew: boolean): void {
  const file = `${path}/schemata`;
  const toCompare = isNew ? [] : expected;
  const present = toCompare.length > 0 ? addon.readFile(file) : '';
  for (const line of toCompare) {
    if (holds(present, line)) continue;
    throw new RuntimeError('RESCTRL_MISMATCH', `the resctrl group ${path} has other schemata than ${JSON.stringify(line)}`, {
      pointer: `/linux/intelRdt/${resourceOf(line) === 'MB' ? 'memBwSchema' : 'l3CacheSchema'}`,
    });
  }
  for (const line of lines.filter((candidate) => !toCompare.includes(candidate))) writeSchema(path, line);
}

function writeSchema(path: string, line: string): void {
  try {
    // The kernel takes whole lines only.
    addon.writeControl(`${path}/schemata`, `${line}\n`);
  } catch (error) {
    throw withStatus(error, path);
  }
}

/** New schemata of a group that can be taken back. */
export class SchemataChange {
  private readonly group: string;
  private readonly lines: readonly string[];
  private readonly before: readonly string[];
  private readonly written: string[] = [];

  /**
   * @param group the container's; undefined when its configuration has no intelRdt
   * @throws RuntimeError INTEL_RDT_MISSING
   */
  constructor(group: string | undefined, lines: readonly string[]) {
    if (lines.length > 0 && group === undefined)
      throw new RuntimeError('INTEL_RDT_MISSING', 'Intel RDT: the configuration of the container has no intelRdt');
    this.group = group ?? '';
    this.lines = lines;
    this.before = lines.length > 0 ? addon.readFile(`${this.group}/schemata`).split('\n') : [];
  }

  /** @throws RuntimeError RESCTRL_FAILED; `undo` is the caller's */
  apply(): void {
    for (const line of this.lines) {
      try {
        writeSchema(this.group, line);
      } catch (error) {
        throw callFailure('RESCTRL_FAILED', `unable to write ${JSON.stringify(line)} to the schemata of ${this.group}`, error);
      }
      this.written.push(line);
    }
  }

  undo(): void {
    for (const line of this.written.toReversed()) {
      const old = this.before.find((candidate) => resourceOf(candidate) === resourceOf(line));
      if (old !== undefined) writeSchema(this.group, old.trim());
    }
  }
}

/** Puts a process into a group; its children follow. */
export function joinGroup(path: string, pid: number): void {
  addon.writeControl(`${path}/tasks`, String(pid));
}

/** Removes groups, given parents first; what is gone already is no error. */
export function removeGroups(paths: readonly string[]): void {
  for (const path of [...paths].reverse()) {
    try {
      addon.rmdir(path);
    } catch (error) {
      if (!failedWith(error, 'ENOENT')) throw error;
    }
  }
}

/** What the kernel says about the last failure, which errno does not tell. */
function withStatus(error: unknown, path: string): unknown {
  if (!isSystemError(error)) return error;
  const root = path.replace(/\/mon_groups\/[^/]*$/, '');
  for (const directory of [root, root.slice(0, root.lastIndexOf('/'))]) {
    try {
      const status = addon.readFile(`${directory}/info/last_cmd_status`).trim();
      return status === '' || status === 'ok' ? error : withDetail(error, status);
    } catch {
      // The group itself has no `info`, the root has.
    }
  }
  return error;
}
