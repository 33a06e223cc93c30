// A compiler for aarch64 that runs on x86_64, and musl for it: Debian's packages, unpacked into the user's cache folder and not installed, as
// some of them would take the place of others.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { cacheFolder } from '../archive.js';
import { madeOnce, PackageLists, unpackPackage } from '../packages.js';

/** That of the compiler which others are built with: its C++ library is the same. */
const release = 'bookworm';

/** What the compiler needs beside itself; whatever else it depends on, every machine has. */
const wanted = /^(gcc|g\+\+|cpp|binutils|lib(gmp|isl|mpc|mpfr|zstd|jansson)|zlib1g|.*-arm64-cross)/;

const unwanted = ['doc', 'man', 'locale', 'info', 'lintian'].map((name) => `--exclude=./usr/share/${name}`);

const moved = (text, folder) => text.replaceAll('/usr/', `${folder}/usr/`);

function fetch(folder) {
  console.log(`downloading a compiler for aarch64 (some 70 MB) into ${cacheFolder()}`);
  const native = new PackageLists(join(folder, 'apt'), release, 'amd64');
  const packages = native.closure(['g++-aarch64-linux-gnu']).filter((name) => wanted.test(name));
  for (const deb of native.download(packages)) unpackPackage(deb, folder, unwanted);
  const foreign = new PackageLists(join(folder, 'apt-arm64'), release, 'arm64');
  for (const deb of foreign.download(['musl-dev'])) unpackPackage(deb, folder, unwanted);
  for (const name of ['apt', 'apt-arm64']) rmSync(join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'usr/include'), { recursive: true });
}

/**
 * @returns its folder; paths below /usr in it are those of the packages
 * @throws Unavailable when it is not in the cache and cannot be downloaded
 */
const compilerFolder = () => madeOnce(join(cacheFolder(), `compilers/${release}-aarch64`), fetch);

/**
 * Command lines of its programs, and musl's options for it.
 * @param {string} work folder for a file of options
 */
export function crossCompiler(work) {
  const folder = compilerFolder();
  const command = (name) => [
    'env',
    `LD_LIBRARY_PATH=${join(folder, 'usr/lib/x86_64-linux-gnu')}`,
    join(folder, 'usr/bin', `aarch64-linux-gnu-${name}`),
  ];
  mkdirSync(work, { recursive: true });
  const specs = join(work, 'musl-gcc.specs');
  writeFileSync(specs, moved(readFileSync(join(folder, 'usr/lib/aarch64-linux-musl/musl-gcc.specs'), 'utf8'), folder));
  return {
    gcc: command('gcc'),
    gxx: command('g++'),
    ar: command('ar'),
    objcopy: command('objcopy'),
    musl: ['-specs', specs],
    // Where the packages would have been installed: no folder of a user goes into what is built.
    code: [`-ffile-prefix-map=${folder}=`],
    /** Of the folders that it looks for headers in, those that are its own. */
    isOwn: (path) => normalize(path).startsWith(`${folder}/`),
  };
}
