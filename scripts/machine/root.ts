// The root of a machine: this machine's, or packages of Debian for the other's processor, unpacked once for all checkouts of a user.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../archive.js';
import { madeOnce, PackageLists, unpackPackage } from '../packages.js';
import type { Options } from './options.ts';
import { ownProcessor, processors } from './processors.ts';

/** Without it nothing runs that starts the machine. */
const always = ['busybox-static', 'base-passwd'];

/**
 * @returns a folder
 * @throws Unavailable when it is not in the cache and cannot be downloaded
 */
export function findRoot({ processor, kernel: release, packages }: Options): string {
  if (processor === ownProcessor && packages.length === 0) return '/';
  const { debian } = processors[processor];
  const wanted = [...new Set([...always, ...packages])].sort();
  const name = createHash('sha256').update(wanted.join(' ')).digest('hex').slice(0, 8);
  return madeOnce(join(cacheFolder(), 'roots', `${release}-${debian}-${name}`), (folder) => {
    console.error(`downloading ${wanted.join(', ')} of Debian ${release} for ${debian} into ${cacheFolder()}`);
    const lists = new PackageLists(join(folder, 'apt'), release, debian);
    for (const directory of ['usr/bin', 'usr/sbin', 'usr/lib', 'etc', 'root', 'tmp'])
      mkdirSync(join(folder, directory), { recursive: true });
    chmodSync(join(folder, 'tmp'), 0o1777);
    for (const directory of ['bin', 'sbin', 'lib']) symlinkSync(`usr/${directory}`, join(folder, directory));
    for (const deb of lists.download(lists.closure(wanted))) unpackPackage(deb, folder, unwanted);
    rmSync(join(folder, 'apt'), { recursive: true });
    addAccounts(folder);
  });
}

const unwanted = ['doc', 'man', 'locale', 'info', 'lintian'].map((directory) => `--exclude=./usr/share/${directory}`);

/** As the scripts of base-passwd would, which cannot run here. */
function addAccounts(root: string): void {
  for (const name of ['passwd', 'group']) {
    const file = join(root, 'etc', name);
    if (!existsSync(file)) writeFileSync(file, readFileSync(join(root, 'usr/share/base-passwd', `${name}.master`)));
  }
}
