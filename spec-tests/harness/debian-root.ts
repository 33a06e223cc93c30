import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../scripts/archive.js';

/** Debian 12 as debootstrap makes it, with what shows manuals and nothing else. Kept between runs, for all checkouts of a user; tests change only copies. */
export const debianRoot = join(cacheFolder(), 'roots/bookworm-amd64-man');

/** What debootstrap says where there is no network; whatever else stops it is a fault to look into. */
const unreachable = /^E: (Failed getting release file|Couldn't download|Invalid Release file)|Couldn't retrieve/m;

/**
 * Makes it unless it is there, which takes a minute and a mirror.
 * @returns why it cannot be had
 */
export async function makeDebianRoot(): Promise<string | undefined> {
  if (existsSync(debianRoot)) return undefined;
  mkdirSync(dirname(debianRoot), { recursive: true });
  const fresh = mkdtempSync(`${debianRoot}.`);
  const root = join(fresh, 'root');
  try {
    mkdirSync(root, { mode: 0o755 });
    await promisify(execFile)('debootstrap', ['--variant=minbase', '--include=man-db', 'bookworm', root]);
    if (!existsSync(debianRoot)) renameSync(root, debianRoot);
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (!unreachable.test(stdout)) throw error;
    return 'debootstrap could not reach a Debian mirror';
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return undefined;
}
