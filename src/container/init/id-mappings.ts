import { RuntimeError } from '../../errors.ts';
import { addon, type ProcessResult } from '../../native/addon.ts';
import { failedWith, type SystemError } from '../../native/system-error.ts';
import { readMap } from '../../plan/namespaces/idmap.ts';
import type { RuntimeAction } from '../../plan/plan.ts';
import { explainNoMap, whyNoUserNamespace } from '../failure/user-namespace.ts';

type WriteMappings = Extract<RuntimeAction, { op: 'idMappings.write' }>;
type Program = 'newuidmap' | 'newgidmap';

/** Where newuidmap(1) is looked for, whatever PATH says; the last is NixOS's, whose other folders hold no setuid programs. */
export const mapperFolders = ['/usr/bin', '/bin', '/usr/sbin', '/usr/local/bin', '/run/wrappers/bin'];
/** In milliseconds: it may have to ask a directory service for the ranges. */
const TIMEOUT = 60_000;

const rangesOf: Readonly<Record<Program, string>> = { newuidmap: '/etc/subuid', newgidmap: '/etc/subgid' };
const optionOf: Readonly<Record<Program, string>> = { newuidmap: '--add-subuids', newgidmap: '--add-subgids' };

/**
 * Writes the id maps of the user namespace of a process, or has them written.
 * @throws SystemError, RuntimeError ID_MAP_FAILED
 */
export function writeMappings({ uidMap, gidMap, setgroups, uidBy, gidBy }: WriteMappings, pid: number): void {
  if (setgroups !== 'keep') addon.writeControl(`/proc/${pid}/setgroups`, setgroups);
  if (uidBy !== 'runtime') runMapper(uidBy, uidMap, pid);
  else if (uidMap) addon.writeControl(`/proc/${pid}/uid_map`, uidMap);
  if (gidBy !== 'runtime') runMapper(gidBy, gidMap, pid);
  else if (gidMap) addon.writeControl(`/proc/${pid}/gid_map`, gidMap);
}

/** What keeps the kernel from taking a map that the runtime wrote itself. */
export function explainMap(
  { uidMap, gidMap }: WriteMappings,
  { code, path = '' }: SystemError,
): { readonly why?: string; readonly hint?: string } {
  if (code !== 'EPERM') return {};
  const kind = path.endsWith('/gid_map') ? 'gid' : 'uid';
  const explained = explainNoMap(kind, kind === 'gid' ? gidMap : uidMap);
  if (explained.why !== undefined) return explained;
  const ofRoot = readMap(kind === 'gid' ? gidMap : uidMap).some(({ hostID }) => hostID === 0);
  if (kind === 'uid' && ofRoot && addon.geteuid() !== 0)
    return { hint: 'mapping id 0 of the host takes CAP_SETFCAP too (user_namespaces(7))' };
  const hint = whyNoUserNamespace(code);
  return hint === undefined ? {} : { hint };
}

function runMapper(program: Program, map: string, pid: number): void {
  for (const folder of mapperFolders) {
    const path = `${folder}/${program}`;
    const result = attempt(path, [program, String(pid), ...map.trim().split(/\s+/)]);
    if (result === undefined) continue;
    if (result.status === 0 && result.signal === 0 && !result.timedOut) return;
    throw refusal(program, path, map, result);
  }
  throw new RuntimeError('ID_MAP_FAILED', `unable to map the ids ${ranges(map)}: ${program} is not there, or cannot be executed`, {
    pointer: pointerOf(program),
    hint: "install it (Debian's package uidmap, elsewhere shadow-utils), or map your own id alone, as `runts spec --rootless` does",
  });
}

/** Nothing of the environment reaches a program that has more rights than the caller. @returns undefined when there is none at the path */
function attempt(path: string, args: readonly string[]): ProcessResult | undefined {
  try {
    return addon.runProcess({ path, args, env: [], inherits: false, cwd: '/', stdin: '', timeoutMs: TIMEOUT, keepsEnd: true });
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}

const pointerOf = (program: Program): string => (program === 'newuidmap' ? '/linux/uidMappings' : '/linux/gidMappings');

/** "100000-165535, 4242": the host's ids of a map. */
const ranges = (map: string): string =>
  readMap(map)
    .map(({ hostID, size }) => (size === 1 ? String(hostID) : `${hostID}-${hostID + size - 1}`))
    .join(', ');

function refusal(program: Program, path: string, map: string, { output, timedOut }: ProcessResult): RuntimeError {
  const said = timedOut ? 'it did not end' : output.trim().split('\n').join('; ');
  const message = `unable to map the ids ${ranges(map)}: ${said.startsWith(`${program}:`) ? said : `${program}: ${said}`}`;
  return new RuntimeError('ID_MAP_FAILED', message, { pointer: pointerOf(program), hint: cure(program, path, said) });
}

/** What of the machine keeps the program from doing its work. */
function cure(program: Program, path: string, said: string): string {
  const ranges = rangesOf[program];
  if (/^NoNewPrivs:\t1$/m.test(addon.readFileIfThere('/proc/self/status') ?? '')) {
    return `${program} gets no rights from a caller with no_new_privs: start runts without it, or map your own id alone`;
  }
  if (!hasRights(path)) {
    return `${path} has lost its setuid bit, as when an image was copied without it: chmod u+s ${path}, or setcap cap_set${program.slice(3, 4)}id+ep ${path}`;
  }
  if (/not permitted/i.test(said)) return `${path} may have no rights here: is its filesystem mounted with nosuid (findmnt -T ${path})?`;
  return `${ranges} has to give you these ids: see the line of your user there; \`usermod ${optionOf[program]} 100000-165535 USER\` adds a range`;
}

/** Whether it is executed with rights of its own, by a setuid bit or by capabilities of the file. */
function hasRights(path: string): boolean {
  const found = addon.stat(path, true);
  return found === null || (found.mode & 0o4000) !== 0 || hasCapabilities(path);
}

function hasCapabilities(path: string): boolean {
  try {
    return addon.attribute(path, 'security.capability') !== null;
  } catch {
    // Bytes that are no text, for which alone it is here.
    return true;
  }
}
