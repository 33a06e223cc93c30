// Debian's registry of images, one static program: fetched once for all checkouts of a user, and not installed, as its package starts a service.
// Plain JavaScript on Node's own modules.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './archive.js';
import { madeOnce, unpackProgram } from './packages.js';

const release = 'bookworm';

/**
 * A directory with the program `docker-registry`, made when it is not there.
 * @throws Unavailable when it cannot be downloaded
 */
export const fetchRegistry = () => madeOnce(join(cacheFolder(), `registry-${release}`), download);

function download(folder) {
  console.error(`downloading docker-registry of Debian ${release} (some 5 MB) into ${cacheFolder()}`);
  const root = join(folder, 'root');
  mkdirSync(root);
  unpackProgram(release, 'docker-registry', /^docker-registry=/, root);
  renameSync(join(root, 'usr/bin/docker-registry'), join(folder, 'docker-registry'));
  rmSync(root, { recursive: true });
}
