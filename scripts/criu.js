// CRIU of a later Debian than the oldest that runts is tested on: before 4.2 it cannot restore TCP connections on Linux 6.16 and later, and waits for
// ever where the processor of a virtual machine has no breakpoints. Fetched once for all checkouts of a user, with its libraries, and not installed.
// Plain JavaScript on Node's own modules.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from './archive.js';
import { madeOnce, unpackProgram } from './packages.js';
import { needPrograms } from './programs.js';

const release = 'forky';
const libraries = 'usr/lib/x86_64-linux-gnu';
const loader = 'ld-linux-x86-64.so.2';

/** Where it lies, whether it does or not. */
const criuFolder = () => join(cacheFolder(), `criu-${release}`);

/**
 * The directory with the program, made when it is not there.
 * @throws Unavailable when it cannot be downloaded
 */
export const fetchCriu = () => madeOnce(criuFolder(), download);

function download(folder) {
  needPrograms('patchelf');
  console.error(`downloading CRIU of Debian ${release} (some 10 MB) into ${cacheFolder()}`);
  const root = join(folder, 'root');
  mkdirSync(root);
  unpackProgram(release, 'criu', /^(criu=|lib|gcc-\d+-base)/, root);
  const lib = join(folder, 'lib');
  cpSync(join(root, libraries), lib, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path.endsWith(libraries) || /\.so/.test(basename(path)),
  });
  const program = join(folder, 'criu');
  cpSync(join(root, 'usr/sbin/criu'), program);
  chmodSync(program, 0o755);
  // What it does with /proc/self/exe goes on working, as it would not with a loader that is called with its path.
  const place = join(criuFolder(), 'lib');
  execFileSync('patchelf', ['--set-interpreter', join(place, loader), '--set-rpath', place, '--force-rpath', program]);
  rmSync(root, { recursive: true });
  if (!readdirSync(lib).includes(loader)) throw new Error(`CRIU of Debian ${release} came without ${loader}`);
}
