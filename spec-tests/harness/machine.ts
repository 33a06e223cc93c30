import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from './config.ts';

/** What is not part of a system's programs. */
const notPrograms = new Set(['boot', 'dev', 'home', 'lost+found', 'media', 'mnt', 'proc', 'root', 'run', 'srv', 'sys', 'tmp', 'var']);

const isBelow = (directory: string, path: string): boolean => path === directory || path.startsWith(`${directory}/`);

/**
 * The programs of this machine in place of an image.
 * @param rootfs is made, and gets the symlinks of the top directory
 * @param besides directories that are needed too, where they are
 * @param without names in the top directory that are left out
 */
export function programsOfMachine(rootfs: string, besides: readonly string[], without: readonly string[] = []): Mount[] {
  mkdirSync(rootfs, { recursive: true });
  const directories: string[] = [];
  for (const name of readdirSync('/').filter((entry) => !notPrograms.has(entry) && !without.includes(entry))) {
    const path = `/${name}`;
    const status = lstatSync(path);
    if (status.isSymbolicLink()) symlinkSync(readlinkSync(path), join(rootfs, name));
    else if (status.isDirectory()) directories.push(path);
  }
  for (const path of besides) if (!directories.some((directory) => isBelow(directory, path))) directories.push(path);
  return directories.map((path) => ({ destination: path, source: path, options: ['rbind', 'ro'] }));
}
