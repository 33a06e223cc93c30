// Debian's own kernel, which QEMU boots: downloaded once for all checkouts of a user.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../archive.js';
import { madeOnce, PackageLists, unpackPackage } from '../packages.js';
import { Unavailable } from '../unavailable.js';
import type { Processor } from './processors.ts';

export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string;
  readonly image: string;
  /** What belongs at /usr/lib/modules. */
  readonly modules: string;
}

/** No machine of ours has these, and they are most of the package. */
const unwanted = ['accel', 'gpu', 'infiniband', 'media', 'net/ethernet', 'net/wireless', 'scsi', 'staging', 'usb'].map(
  (name) => `drivers/${name}`,
);

/**
 * @param release of Debian, such as `bookworm`
 * @throws Unavailable when it is not in the cache and cannot be downloaded
 */
export function findKernel(release: string, { debian }: Processor): Kernel {
  const name = debian === 'amd64' ? release : `${release}-${debian}`;
  const folder = madeOnce(join(cacheFolder(), 'kernels', name), (unfinished) => download(release, debian, unfinished));
  const image = readdirSync(join(folder, 'boot')).find((file) => file.startsWith('vmlinuz-')) ?? '';
  return { release: image.slice('vmlinuz-'.length), image: join(folder, 'boot', image), modules: join(folder, 'usr/lib/modules') };
}

function download(release: string, architecture: string, folder: string): void {
  const apt = join(folder, 'apt');
  console.error(`downloading the kernel of Debian ${release} for ${architecture} (some 100 MB) into ${cacheFolder()}`);
  const lists = new PackageLists(apt, release, architecture);
  const name = lists.depends(`linux-image-${architecture}`).find((found) => found.startsWith('linux-image-'));
  if (name === undefined) throw new Unavailable(`Debian ${release} has no kernel`);
  for (const deb of lists.download([name])) unpack(deb, folder);
  rmSync(apt, { recursive: true });
}

function unpack(deb: string, folder: string): void {
  const exclude = unwanted.map((name) => `--exclude=*/kernel/${name}`);
  unpackPackage(deb, folder, exclude);
  const modules = join(folder, 'usr/lib/modules');
  const [release = ''] = readdirSync(modules);
  // depmod of busybox looks below lib.
  execFileSync('busybox', ['depmod', '-b', join(folder, 'usr'), release]);
  if (!readFileSync(join(modules, release, 'modules.dep'), 'utf8').includes('9pnet_virtio')) throw new Error(`${deb} has no modules`);
}
