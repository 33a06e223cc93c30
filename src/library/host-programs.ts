import { existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SandboxMount, SandboxOptions } from './sandbox.ts';

/** Where a distribution keeps programs, and what they need. */
const folders = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'etc/alternatives'];
const files = ['etc/ld.so.cache', 'etc/localtime'];

/** What is not there yet is made, and what is there stays. */
function ensure(path: string, make: (path: string) => void): void {
  if (!existsSync(path) && lstatSync(path, { throwIfNoEntry: false }) === undefined) make(path);
}

/**
 * Makes a folder the root of sandboxes that have the programs of the host, read-only, and none of its other files: with mount points and an
 * /etc of its own. One folder will do for any number of them.
 * @param directory is made where it is missing
 * @returns what `sandbox` is given
 */
export function hostPrograms(directory: string): Required<Pick<SandboxOptions, 'root' | 'mounts'>> {
  const root = resolve(directory);
  for (const name of ['', 'proc', 'dev', 'tmp', 'etc', 'etc/alternatives']) mkdirSync(join(root, name), { recursive: true, mode: 0o755 });
  const mounts: SandboxMount[] = [];
  for (const name of [...folders, ...files]) {
    const source = join('/', name);
    const entry = lstatSync(source, { throwIfNoEntry: false });
    if (entry === undefined) continue;
    const place = join(root, name);
    // Such as /bin of a merged /usr.
    if (entry.isSymbolicLink() && folders.includes(name)) ensure(place, (path) => symlinkSync(readlinkSync(source), path));
    else {
      ensure(place, folders.includes(name) ? (path) => mkdirSync(path) : (path) => writeFileSync(path, ''));
      mounts.push({ source, destination: source });
    }
  }
  ensure(join(root, 'etc/passwd'), (path) => writeFileSync(path, 'root:x:0:0::/:/bin/sh\nsandbox:x:1000:1000::/tmp:/bin/sh\n'));
  ensure(join(root, 'etc/group'), (path) => writeFileSync(path, 'root:x:0:\nsandbox:x:1000:\n'));
  return { root, mounts };
}
