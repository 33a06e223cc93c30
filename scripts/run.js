import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/**
 * Runs a program in the project's folder.
 * @returns what it printed
 * @throws Error with everything it printed, when it failed
 */
export function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: dirname(import.meta.dirname),
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status === 0) return stdout;
  throw new Error(`${command} failed:\n${stdout}${stderr}`);
}
