import { errnoText } from '../../errno.ts';
import { messageOf, RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith, type SystemError } from '../../native/system-error.ts';
import { parseJson } from '../../spec/json.ts';
import type { Spec } from '../../spec/types.ts';
import { version } from '../../version.ts';
import type { Context } from '../context.ts';
import type { ContainerRecord } from './container-record.ts';
import { damageOf, laterFormat, recordFormat, upgraded } from './record.ts';

export const containerDirectory = (context: Context, id: string): string => `${context.root}/${id}`;
/** Where init waits for `start`. */
export const fifoPath = (context: Context, id: string): string => `${containerDirectory(context, id)}/exec.fifo`;
/** The same fifo while init, let go by `start`, runs its hooks. */
export const releasedFifoPath = (context: Context, id: string): string => `${containerDirectory(context, id)}/released.fifo`;
/** Holds the notification socket; bound into the container. */
export const notifyDirectory = (context: Context, id: string): string => `${containerDirectory(context, id)}/notify`;
/** Holds the fifos of a container whose standard streams are kept. */
export const streamsDirectory = (context: Context, id: string): string => `${containerDirectory(context, id)}/streams`;
/** Socket of whoever records the system calls of a container. */
export const recorderDoor = (context: Context, id: string): string => `${containerDirectory(context, id)}/recorder`;
/** Where the mounts of a container wait for CRIU. */
export const criuStage = (context: Context, id: string): string => `${containerDirectory(context, id)}/criu`;
const recordPath = (context: Context, id: string): string => `${containerDirectory(context, id)}/state.json`;
const specPath = (context: Context, id: string): string => `${containerDirectory(context, id)}/config.json`;

const isId = (name: string): boolean => /^[\w+.-]{1,255}$/.test(name) && name !== '.' && name !== '..';

/**
 * Refuses an id that could mean another directory than its own (CLI-013).
 * @throws RuntimeError ID_INVALID
 */
export function checkId(id: string): void {
  if (!isId(id)) {
    throw new RuntimeError('ID_INVALID', `invalid container ID format: ${JSON.stringify(id)}`, {
      hint: 'use letters, digits, "_", "+", "-" and "."',
    });
  }
}

/** @throws RuntimeError ID_TAKEN */
export function makeDirectory(context: Context, id: string): void {
  makeStateRoot(context.root);
  try {
    addon.mkdir(containerDirectory(context, id), 0o700);
  } catch (error) {
    if (failedWith(error, 'EACCES', 'EROFS')) throw unwritable(containerDirectory(context, id), error);
    if (!failedWith(error, 'EEXIST')) throw error;
    throw new RuntimeError('ID_TAKEN', `container with given ID already exists: ${id}`, { cause: error });
  }
}

const unwritable = (path: string, cause: SystemError): RuntimeError =>
  new RuntimeError('ROOT_UNWRITABLE', `unable to make the directory ${path} for the state of a container: ${errnoText(cause.errno)}`, {
    hint: 'set XDG_RUNTIME_DIR to a directory of your own, as a login session has it, or give one with --root',
    errno: cause.code,
    cause,
  });

function makeStateRoot(path: string): void {
  try {
    if (addon.stat(path, true)) return;
    makeStateRoot(path.slice(0, path.lastIndexOf('/')) || '/');
    // Sticky: what cleans up a user's XDG_RUNTIME_DIR spares such (XDG Base Directory Specification).
    addon.mkdir(path, addon.geteuid() === 0 ? 0o711 : 0o1700);
  } catch (error) {
    if (failedWith(error, 'EACCES', 'EROFS', 'EPERM', 'ENOENT', 'ENOTDIR')) throw unwritable(path, error);
    if (!failedWith(error, 'EEXIST')) throw error;
  }
}

/**
 * Reads what is known of a container.
 * @throws RuntimeError CONTAINER_UNKNOWN, in the words engines match on (ENG-001), STATE_DAMAGED, STATE_VERSION
 */
export function load(context: Context, id: string): ContainerRecord {
  checkId(id);
  const record = parse(id, readRecord(context, id));
  const later = laterFormat(record);
  if (later !== undefined) throw ofLaterVersion(context, id, later);
  const damage = damageOf(record, id);
  if (damage !== undefined) throw damaged(id, damage);
  return upgraded(record as object) as ContainerRecord;
}

/** What reading a damaged filesystem, or what is no file, ends with. Other failures are not the file's. */
const unreadable = ['EISDIR', 'EIO', 'ELOOP', 'ENXIO', 'EUCLEAN', 'EBADMSG'];

function readRecord(context: Context, id: string): string {
  try {
    return addon.readFile(recordPath(context, id));
  } catch (error) {
    if (failedWith(error, ...unreadable)) throw damaged(id, error.message, error);
    if (!failedWith(error, 'ENOENT')) throw error;
    throw new RuntimeError('CONTAINER_UNKNOWN', `container does not exist: ${id}`, { cause: error });
  }
}

function parse(id: string, text: string): unknown {
  if (text === '') throw damaged(id, 'state.json is empty');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(id, `state.json is no JSON: ${messageOf(error)}`, error);
  }
}

const damaged = (id: string, damage: string, cause?: unknown): RuntimeError =>
  new RuntimeError('STATE_DAMAGED', `the state of container ${id} is damaged: ${damage}`, {
    hint: `"runts delete --force ${id}" removes what can be known from its name`,
    cause,
  });

/**
 * Nothing is removed then, not even by force: the record is all that tells of mounts on the host, below which an engine would go on to
 * remove files, and of the hooks that give back what others were given for the container.
 */
const ofLaterVersion = (context: Context, id: string, format: number): RuntimeError => {
  const message = `the state of container ${id} has the format version ${format}, written by a later runts; runts ${version} knows up to ${recordFormat}`;
  return new RuntimeError('STATE_VERSION', message, {
    hint: `use the runts that made it, or a later one; if there is none, remove ${recordPath(context, id)}, and "runts delete --force ${id}" removes what can be known from its name`,
  });
};

export function save(context: Context, record: ContainerRecord): void {
  addon.replaceFile(recordPath(context, record.id), JSON.stringify(record), 0o600, context.durable === true);
}

/** Keeps the configuration as it was at create: later edits of the bundle have no effect (RT-020). */
export function saveSpec(context: Context, id: string, text: string): void {
  if (context.durable === true) addon.replaceFile(specPath(context, id), text, 0o600, true);
  else addon.writeFile(specPath(context, id), text, 0o600);
}

/** Whether create came as far as to keep the configuration. */
export const hasSpec = (context: Context, id: string): boolean => addon.stat(specPath(context, id), false) !== null;

/** The configuration of a container, validated when it was created. */
export function loadSpec(context: Context, id: string): Spec {
  return parseJson(addon.readFile(specPath(context, id))) as Spec;
}

/** Whether a directory of the state root holds a container. */
export const isContainer = (context: Context, id: string): boolean => addon.stat(recordPath(context, id), false) !== null;

/** Ids of all containers whose directories lie in the state root. */
export function ids(context: Context): string[] {
  try {
    const entries = addon.readDirectory(context.root).filter(({ directory }) => directory);
    return entries.flatMap(({ name }) => (isId(name) ? [name] : [])).sort();
  } catch (error) {
    if (failedWith(error, 'ENOENT') && context.rootIsDefault) return [];
    throw error;
  }
}

export function makeNotifyDirectory(context: Context, id: string): void {
  const path = notifyDirectory(context, id);
  addon.mkdir(path, 0o755);
  addon.chmod(path, 0o755);
}

/** Removes the directory of a container and whatever lies in it, but nothing that is mounted there. */
export function discard(context: Context, id: string): void {
  const directory = containerDirectory(context, id);
  if (addon.stat(directory, false)) removeDirectory(directory);
}

/** Whoever may open nothing more has failed before anything was put into the directory. */
function contentOf(path: string): ReturnType<typeof addon.readDirectory> {
  try {
    return addon.readDirectory(path);
  } catch (error) {
    if (failedWith(error, 'EMFILE')) return [];
    throw error;
  }
}

function removeDirectory(path: string): void {
  for (const { name, directory } of contentOf(path)) {
    if (directory) removeUnmounted(`${path}/${name}`);
    else addon.unlink(`${path}/${name}`);
  }
  addon.rmdir(path);
}

/** A mount point is busy before it is asked whether it is empty, so that nobody looks into it. */
function removeUnmounted(path: string): void {
  try {
    addon.rmdir(path);
  } catch (error) {
    if (!failedWith(error, 'ENOTEMPTY')) throw error;
    removeDirectory(path);
  }
}
