import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxRootfs, runtime } from './runtime.ts';
import { runDirectory, shell } from './shell.ts';

/**
 * A bundle with busybox whose container prints the name of its first process, with the configuration that `runts spec` writes.
 * @returns its path
 */
export async function innerBundle(): Promise<string> {
  const directory = join(runDirectory, 'inner');
  const file = join(directory, 'config.json');
  if (existsSync(file)) return directory;
  mkdirSync(directory, { recursive: true });
  cpSync(busyboxRootfs().directory, join(directory, 'rootfs'), { recursive: true, verbatimSymlinks: true });
  await shell([runtime, 'spec', '--bundle', directory]);
  const config = JSON.parse(readFileSync(file, 'utf8'));
  Object.assign(config.process, { args: ['cat', '/proc/1/comm'], terminal: false, rlimits: [] });
  writeFileSync(file, JSON.stringify(config));
  return directory;
}

/**
 * Runs a bundle in the background.
 * @returns the path of what its first process prints
 */
export async function runDetached(state: string, bundle: string, id: string): Promise<string> {
  const log = join(bundle, 'log');
  await shell(['sh', '-c', 'exec "$@" > "$0" 2>&1', log, runtime, '--root', state, 'run', '--detach', '--bundle', bundle, id]);
  return log;
}

/** Words for an engine: what gives a container the runtime under test and that bundle. */
export const mounts = (bundle: string): string[] => ['-v', `${runtime}:/runts:ro`, '-v', `${bundle}:/bundle`];

/** What runs that bundle in there, with options of the runtime and of its `run`. */
export const inner = (global: readonly string[] = [], options: readonly string[] = []): string[] => [
  '/runts',
  ...global,
  'run',
  ...options,
  '--bundle',
  '/bundle',
  'inner',
];
