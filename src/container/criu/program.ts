import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import type { CriuProgram } from '../../plan/criu/launch.ts';

const name = 'criu';
/** Where programs of root lie, for a caller without PATH. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * CRIU, as the caller would find it; relative directories of PATH are the caller's working directory, and not looked into. It gets the caller's
 * environment, as it calls programs of its own (tar, iptables).
 * @throws RuntimeError CRIU_MISSING
 */
export function findCriu(): CriuProgram {
  const directories = (process.env['PATH'] ?? usualPath).split(':').filter((directory) => directory.startsWith('/'));
  const path = directories.map((directory) => `${directory}/${name}`).find(isExecutable);
  if (path === undefined) {
    throw new RuntimeError('CRIU_MISSING', `exec: "${name}": executable file not found in $PATH`, {
      hint: 'install CRIU (criu.org), or give the directory that it is in in PATH',
    });
  }
  const environment = Object.entries(process.env).flatMap(([variable, value]) => (value === undefined ? [] : [`${variable}=${value}`]));
  return { path, environment };
}

function isExecutable(path: string): boolean {
  const found = addon.stat(path, true);
  return found?.type === 'file' && (found.mode & 0o111) !== 0;
}
