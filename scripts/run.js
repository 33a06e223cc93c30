import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/** Runs a program in the project's folder, silent unless it fails `tries` times; then this process ends as it did. */
export function run(command, args, tries = 1) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: dirname(import.meta.dirname), encoding: 'utf8' });
  if (error) throw error;
  if (status === 0) return;
  if (tries > 1) return run(command, args, tries - 1);
  process.stderr.write(stdout + stderr);
  process.exit(status ?? 1);
}
