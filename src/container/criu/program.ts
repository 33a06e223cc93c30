import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { CriuProgram } from '../../plan/criu/launch.ts';
import { type CriuOptions, networkLocks } from '../../plan/criu/rpc.ts';

const name = 'criu';
/** Where programs of root lie, for a caller without PATH. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where the caller would find a program; relative directories of PATH are the caller's working directory, and not looked into. */
export const findProgram = (program: string): string | undefined =>
  (process.env['PATH'] ?? usualPath)
    .split(':')
    .map((directory) => `${directory}/${program}`)
    .find((path) => path.startsWith('/') && isExecutable(path));

/**
 * How CRIU keeps packets from a network namespace while it saves it: by iptables-restore, as it does unasked, or, where that is not installed, by
 * nftables, which takes no program.
 */
export const networkLock = (): Pick<CriuOptions, 'network_lock'> =>
  findProgram('iptables-restore') === undefined ? { network_lock: networkLocks.nftables } : {};

/**
 * CRIU, as the caller would find it. It gets the caller's environment, as it calls programs of its own (tar, iptables).
 * @throws RuntimeError CRIU_MISSING
 */
export function findCriu(): CriuProgram {
  const path = findProgram(name);
  if (path === undefined) {
    throw new RuntimeError('CRIU_MISSING', `exec: "${name}": executable file not found in $PATH`, {
      hint: 'install CRIU (criu.org), or give the directory that it is in in PATH',
    });
  }
  const environment = Object.entries(process.env).flatMap(([variable, value]) => (value === undefined ? [] : [`${variable}=${value}`]));
  return { path, environment };
}

/** Directories of PATH that are not for the caller are passed over, as execvp(3) does. */
function isExecutable(path: string): boolean {
  try {
    const found = addon.stat(path, true);
    return found?.type === 'file' && (found.mode & 0o111) !== 0;
  } catch (error) {
    if (failedWith(error, 'EACCES')) return false;
    throw error;
  }
}
