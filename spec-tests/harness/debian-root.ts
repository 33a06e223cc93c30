import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../scripts/archive.js';

/** Debian 12 as debootstrap makes it, with what shows manuals, Docker, and something to serve. Kept between runs, for all checkouts of a user; tests change only copies. */
export const debianRoot = join(cacheFolder(), 'roots/bookworm-amd64-man-docker-nginx');

/** What debootstrap says where there is no network; whatever else stops it is a fault to look into. */
const unreachable = /^E: (Failed getting release file|Couldn't download|Invalid Release file)|Couldn't retrieve/m;

/** $1: the root, $2: a folder beside it. Whoever comes second waits for the first. */
const make =
  'test -e "$1" || { debootstrap --variant=minbase --include=man-db,docker.io,nginx-light bookworm "$2/root" && mv "$2/root" "$1"; }';

/**
 * Makes it unless it is there, which takes a minute and a mirror.
 * @returns why it cannot be had
 */
export async function makeDebianRoot(): Promise<string | undefined> {
  if (existsSync(debianRoot)) return undefined;
  mkdirSync(dirname(debianRoot), { recursive: true });
  const fresh = mkdtempSync(`${debianRoot}.`);
  try {
    mkdirSync(join(fresh, 'root'), { mode: 0o755 });
    await promisify(execFile)('flock', [`${debianRoot}.lock`, 'sh', '-c', make, 'sh', debianRoot, fresh]);
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (!unreachable.test(stdout)) throw error;
    return 'debootstrap could not reach a Debian mirror';
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return undefined;
}
