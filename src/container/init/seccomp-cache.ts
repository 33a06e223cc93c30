import { messageOf } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import { compileSeccomp, type SeccompFilter } from '../../spec/seccomp/seccomp.ts';
import type { LinuxSeccomp, Spec } from '../../spec/types.ts';
import { commit, version } from '../../version.ts';
import type { Context } from '../context.ts';

/** Files kept; engines know one or two profiles. */
const LIMIT = 64;
/** Bytes of the largest file that is read. */
const SIZE_LIMIT = 4 * 1024 * 1024;
/** Bytes of the length in front. */
const LENGTH = 4;
const WRITABLE_BY_OTHERS = 0o022;

/** A compiled filter as it is kept: the length of this as JSON (u32, little-endian), the JSON, the program. */
interface Entry {
  /** What it was made from; compared in full, so that the name of the file need not be unique. */
  readonly source: string;
  /** Bytes of the program. */
  readonly size: number;
  /** Decimal. */
  readonly flags: string;
  readonly listener: boolean;
  readonly forks: boolean;
  readonly warnings: SeccompFilter['warnings'];
}

function sourceOf(seccomp: LinuxSeccomp, machine: string): string {
  const exact = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
  return `${version} ${commit} ${machine} ${JSON.stringify(seccomp, exact)}`;
}

/** Characters that a name is made of: all of a small profile, some of a large one. */
const SAMPLE = 256;

/** FNV-1a of a sample: equal names of different profiles only mean that one takes the place of the other. */
function nameOf(text: string): string {
  const step = Math.max(1, Math.floor(text.length / SAMPLE));
  let state = 0x811c9dc5 ^ text.length;
  for (let index = 0; index < text.length; index += step) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  return (state >>> 0).toString(16).padStart(8, '0');
}

const isOurs = (found: ReturnType<typeof addon.stat>, type: string): boolean =>
  found?.type === type && found.uid === addon.geteuid() && (found.mode & WRITABLE_BY_OTHERS) === 0;

function readEntry(directory: string, path: string, source: string): SeccompFilter | undefined {
  if (!isOurs(addon.stat(directory, false), 'directory')) return undefined;
  const fd = addon.openNoLink(path);
  try {
    // Of the file that is open, whatever its name has come to mean.
    if (!isOurs(addon.stat(`/proc/self/fd/${fd}`, true), 'file')) return undefined;
    const bytes = addon.readFdBytes(fd, SIZE_LIMIT);
    const end = LENGTH + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const entry = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH, end))) as Entry;
    if (entry.source !== source) return undefined;
    const { flags, listener, forks, warnings, size } = entry;
    if (bytes.length !== end + size) return undefined;
    return { program: bytes.slice(end), flags: BigInt(flags), listener, forks, warnings };
  } finally {
    addon.close(fd);
  }
}

function makeRoom(directory: string): void {
  try {
    addon.mkdir(directory, 0o700);
  } catch (error) {
    if (!failedWith(error, 'EEXIST')) throw error;
  }
  const names = addon.readDirectory(directory).map(({ name }) => name);
  if (names.length >= LIMIT) for (const name of names) addon.unlink(`${directory}/${name}`);
}

function writeEntry(directory: string, path: string, source: string, filter: SeccompFilter): void {
  makeRoom(directory);
  if (!isOurs(addon.stat(directory, false), 'directory')) return;
  const { program, flags, listener, forks, warnings } = filter;
  const entry: Entry = { source, size: program.length, flags: String(flags), listener, forks, warnings };
  const head = new TextEncoder().encode(JSON.stringify(entry));
  const bytes = new Uint8Array(LENGTH + head.length + program.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, LENGTH);
  bytes.set(program, LENGTH + head.length);
  // On the disk before it has its name: with a page lost to a power cut it would be a program still, and one that refuses less.
  addon.replaceFile(path, bytes, 0o600, true);
}

/** What a cache cannot do is no error: the filter is compiled. */
function attempt<T>(context: Context, operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) context.debug(`seccomp cache: ${messageOf(error)}`);
    return undefined;
  }
}

/**
 * The compiled filter of a container, undefined when it has none. Filters are kept in `context.filterCache`, and read from there only when
 * they were made from the same profile by the same runts, in a directory and a file of ours that nobody else may write.
 * @param machine what `uname -m` says
 * @throws RuntimeError what compileSeccomp throws
 */
export function filterOf(
  context: Context,
  { linux, process }: Pick<Spec, 'linux' | 'process'>,
  machine: string,
): SeccompFilter | undefined {
  const seccomp = linux?.seccomp;
  if (!seccomp || !process) return undefined;
  const source = sourceOf(seccomp, machine);
  const directory = context.filterCache;
  if (directory === undefined) return compileSeccomp(seccomp, machine);
  const path = `${directory}/${nameOf(source)}`;
  const kept = attempt(context, () => readEntry(directory, path, source));
  if (kept) return kept;
  const filter = compileSeccomp(seccomp, machine);
  attempt(context, () => writeEntry(directory, path, source, filter));
  return filter;
}
