// Archives of the network that a build needs: downloaded once for all checkouts of a user, and taken only with the checksum that was reviewed.
// Plain JavaScript on Node's own modules: the executable is built before anything of ours can run.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's cache directory (XDG Base Directory Specification): a checkout that is made while there is no network can still be built. */
export function cacheFolder(env = process.env) {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'runts');
}

function isReviewed(file, sha256) {
  return existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sha256;
}

/** Whole or not at all: two checkouts may be built at a time. */
function copy(from, to) {
  const unfinished = `${to}.${process.pid}`;
  try {
    copyFileSync(from, unfinished);
    renameSync(unfinished, to);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/**
 * Puts an archive into a folder: it is there, or in the cache, or comes from the network.
 * @param {{ name: string, sha256: string, folder: string, cache?: string }} wanted its checksum in hexadecimal
 * @param {(file: string) => void} download gets the path to write to
 * @returns its path
 * @throws Error what `download` throws, or when what came is not the archive that was reviewed
 */
export function archive({ name, sha256, folder, cache = cacheFolder() }, download) {
  const [file, cached] = [join(folder, name), join(cache, name)];
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file)) {
    if (isReviewed(cached, sha256)) copy(cached, file);
    else download(file);
  }
  if (!isReviewed(file, sha256)) throw new Error(`${name} is not the one that was reviewed`);
  try {
    mkdirSync(cache, { recursive: true });
    if (!isReviewed(cached, sha256)) copy(file, cached);
  } catch {
    // A home that cannot be written to: the next checkout downloads again.
  }
  return file;
}
