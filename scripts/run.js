import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/**
 * Runs a program in the project's folder, up to `tries` times.
 * @returns what it printed
 * @throws Error with everything it printed, when it failed each time
 */
export function run(command, args, tries = 1) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: dirname(import.meta.dirname),
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status === 0) return stdout;
  if (tries > 1) return run(command, args, tries - 1);
  throw new Error(`${command} failed:\n${stdout}${stderr}`);
}
