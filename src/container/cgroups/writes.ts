import { callText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { isExhaustion, isSystemError, type SystemError } from '../../native/system-error.ts';
import { restoringDeviceWrites } from '../../plan/cgroups/devices/changes.ts';
import { restoringWrites } from '../../plan/cgroups/restore.ts';
import type { LimitWrite } from '../../plan/cgroups/update.ts';
import { lackOfFile } from '../failure/kernel.ts';
import { readIfThere } from './cgroup.ts';
import { parentRefusal, wholeDiskHint } from './parents.ts';

/** One value for one file that exists. */
interface Write {
  readonly path: string;
  readonly value: string;
  readonly of: LimitWrite | undefined;
}

/** Errors of a value that does not fit what other files hold at that moment. */
const mayFitLater = new Set(['EINVAL', 'EBUSY', 'ERANGE']);

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const isDeviceFile = (file: string): boolean => file === 'devices.allow' || file === 'devices.deny';
const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** The file that the kernel has for a setting; undefined when it needs none. */
function resolve(write: LimitWrite): Write | undefined {
  const { path, value, optional, fallback } = write.action;
  if (addon.stat(path, true)) return { path, value, of: write };
  if (fallback) return { path: fallback.path, value: fallback.value, of: write };
  return optional === true ? undefined : { path, value, of: write };
}

/**
 * Writes all of them, in order. A value that the kernel refuses is tried again after the others: a quota and its period, memory and
 * memory plus swap must fit each other at any time, and which has to come first depends on what was there.
 * @param done gets every write that has been made
 */
function writeAll(writes: readonly Write[], done: Write[]): void {
  let pending = writes;
  while (pending.length > 0) {
    const refused: { readonly write: Write; readonly error: SystemError }[] = [];
    for (const write of pending) {
      try {
        addon.writeControl(write.path, write.value);
        done.push(write);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        if (error.code === 'EPERM' && write.of?.action.mayBeForbidden) continue;
        if (!mayFitLater.has(error.code)) throw explain(write, error);
        refused.push({ write, error });
      }
    }
    const [first] = refused;
    if (first && refused.length === pending.length) throw explain(first.write, first.error);
    pending = refused.map(({ write }) => write);
  }
}

/** The words of runc where the kernel only says EBUSY, and what stands in the way where it only says EINVAL. */
function explain({ path, value, of }: Write, error: SystemError): unknown {
  const present = (file: string): string => readIfThere(`${directoryOf(path)}/${file}`)?.trim() ?? '?';
  const details = {
    ...(of?.pointer === undefined ? {} : { pointer: of.pointer }),
    errno: error.code,
    syscall: error.syscall,
    cause: error,
  };
  const failure = (message: string, hint?: string): RuntimeError =>
    new RuntimeError('CGROUP_FAILED', message, { ...details, ...(hint === undefined ? {} : { hint }) });
  if (nameOf(path) === 'memory.limit_in_bytes' && error.code === 'EBUSY') {
    const usage = `current usage: ${present('memory.usage_in_bytes')}, peak usage: ${present('memory.max_usage_in_bytes')}`;
    return failure(`unable to set memory limit to ${value} (${usage})`);
  }
  const unable = `unable to ${of?.title ?? `restore ${path}`}`;
  const message = `${unable}: ${callText(error, unable)}`;
  if (nameOf(path) === 'memory.limit_in_bytes' && error.code === 'EINVAL') {
    return failure(message, `the limit of memory and swap together is ${present('memory.memsw.limit_in_bytes')}; raise it too`);
  }
  const lack = lackOfFile(path, error);
  if (lack !== undefined) return new RuntimeError('KERNEL_TOO_OLD', `${message}: ${lack}`, details);
  const refusal = parentRefusal(path, value, error);
  return refusal === undefined ? failure(message, wholeDiskHint(path, error)) : failure(`${message}: ${refusal.why}`, refusal.hint);
}

/** What several writes may have changed, so that it can be put back. */
export class LimitChange {
  private readonly writes: readonly Write[];
  private readonly before = new Map<string, string>();
  private readonly done: Write[] = [];

  /** Notes the present content of every file that is about to be written. */
  constructor(writes: readonly LimitWrite[]) {
    this.writes = writes.map(resolve).filter((write) => write !== undefined);
    for (const { path } of this.writes) {
      // The lists of cgroup v1 are written by two files and read by a third.
      const source = isDeviceFile(nameOf(path)) ? `${directoryOf(path)}/devices.list` : path;
      const content = this.before.has(path) ? undefined : readable(source);
      if (content !== undefined) this.before.set(path, content);
    }
  }

  /** What the files that can be read held, by their names. */
  former(): Record<string, string> {
    return Object.fromEntries([...this.before].map(([path, content]) => [nameOf(path), content]));
  }

  /** @throws RuntimeError CGROUP_FAILED, KERNEL_TOO_OLD with the pointer of the setting; `undo` is the caller's */
  apply(): void {
    writeAll(this.writes, this.done);
  }

  /** Puts back what was there, the last written first. @throws RuntimeError CGROUP_FAILED */
  undo(): void {
    const restores = new Map<string, Write>();
    for (const write of this.done.toReversed()) {
      for (const restore of this.restoring(write)) restores.set(`${restore.path} ${restore.value}`, restore);
    }
    writeAll([...restores.values()], []);
  }

  private restoring({ path, value }: Write): Write[] {
    const before = this.before.get(path);
    if (before === undefined) return [];
    const file = nameOf(path);
    if (!isDeviceFile(file)) return restoringWrites(file, value, before).map((old) => ({ path, value: old, of: undefined }));
    // However many rules were written, the list is put back once, as a whole.
    const directory = directoryOf(path);
    for (const name of ['devices.allow', 'devices.deny']) this.before.delete(`${directory}/${name}`);
    const present = readable(`${directory}/devices.list`);
    return restoringDeviceWrites(present, before).map((rule) => ({ path: `${directory}/${rule.file}`, value: rule.value, of: undefined }));
  }
}

/** Content of a file; undefined for what cannot be read, which nothing can put back. */
function readable(path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    if (isExhaustion(error)) throw error;
    return undefined;
  }
}
