// Brings QuickJS, the JavaScript engine of the single executable, into build/quickjs and compiles it.
// Plain JavaScript on Node's own modules: the executable is built before anything of ours can run.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { archive, cacheFolder } from './archive.js';
import { debianMirror } from './debian.js';
import { needPrograms } from './programs.js';
import { changeSource } from './quickjs-changes.js';
import { run } from './run.js';
import { Unavailable } from './unavailable.js';

const root = dirname(import.meta.dirname);
const folder = join(root, 'build/quickjs');
const source = join(folder, 'source');

/** The source of Debian's stable package: it stays for years, and apt knows from where. */
const version = '2025.04.26';
const tarball = `quickjs_${version}.orig.tar.xz`;
const sha256 = 'ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe';

/** It includes quickjs.c. */
const immortal = join(root, 'native/engine/immortal.c');
const refusal = join(root, 'native/engine/refusal.c');
const headers = ['reference_count.h', 'refusal.h'].map((name) => join(dirname(immortal), name));
const sources = ['libregexp.c', 'libunicode.c', 'cutils.c', 'dtoa.c'];
const flags = ['-O3', '-fwrapv', '-funsigned-char', '-ffunction-sections', '-fdata-sections', '-D_GNU_SOURCE', '-w'];

/** Other flags make another library, and so does another way of making it. */
const recipe = [
  ...[
    import.meta.filename,
    ...['scripts/quickjs-changes.js', 'scripts/training.js', 'native/engine/training.js', 'native/engine/train.cc'].map((name) =>
      join(root, name),
    ),
  ],
  immortal,
  refusal,
  ...headers,
]
  .reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256'))
  .digest('hex')
  .slice(0, 8);

/** apt's own downloader: what has another checksum does not stay. */
function download(file) {
  const uri = `${debianMirror()}pool/main/q/quickjs/${tarball}`;
  run('/usr/lib/apt/apt-helper', ['-o', 'APT::Sandbox::User=root', 'download-file', uri, file, `SHA256:${sha256}`]);
}

function unpack(file) {
  run('tar', ['-xf', file, '-C', folder]);
  const unpacked = join(folder, `quickjs-${version}`);
  changeSource(unpacked);
  writeFileSync(join(unpacked, 'recipe'), recipe);
  rmSync(source, { recursive: true, force: true });
  renameSync(unpacked, source);
}

/**
 * The source of QuickJS as we use it, from build/quickjs, the user's cache or the network.
 * @returns its folder
 * @throws Unavailable when it cannot be had here
 */
export function quickjsSource() {
  const note = join(source, 'recipe');
  if (existsSync(note) && readFileSync(note, 'utf8') === recipe) return source;
  needPrograms('tar', 'xz');
  unpack(sourceArchive());
  return source;
}

function sourceArchive() {
  try {
    return archive({ name: tarball, sha256, folder }, download);
  } catch (error) {
    throw new Unavailable(`QuickJS cannot be had: ${error.message}
  without apt or a network: put ${tarball} into ${cacheFolder()},
  from pool/main/q/quickjs of any mirror of Debian (SHA-256 ${sha256})`);
  }
}

const counting = ['-fprofile-generate', '-fprofile-update=single'];
const counted = ['-fprofile-use', '-fprofile-partial-training', '-Wno-missing-profile'];

/** The counts are found by the name of the object, so both libraries have the same ones. */
function compile(library, { cc, ar, code }, more) {
  const objects = [immortal, refusal, ...sources.map((name) => join(source, name))].map((file) => {
    const name = basename(file).replace('.c', '.o');
    const object = join(folder, name);
    run(cc[0], [
      ...cc.slice(1),
      ...flags,
      ...code,
      ...more,
      `-ffile-prefix-map=${root}=.`,
      `-frandom-seed=${name}`,
      `-DCONFIG_VERSION="${version}"`,
      '-I',
      source,
      '-I',
      dirname(immortal),
      '-c',
      file,
      '-o',
      object,
    ]);
    return object;
  });
  rmSync(library, { force: true });
  run(ar[0], [...ar.slice(1), 'rcsD', `${library}.new`, ...objects]);
  renameSync(`${library}.new`, library);
}

function forgetCounts() {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.gcda'))) rmSync(join(folder, name));
}

const libraryOf = ({ name }) => join(folder, `libquickjs-${name}-${recipe}.a`);

/** @returns the library of these tools, if it has been made */
export function knownLibrary(tools) {
  quickjsSource();
  return existsSync(libraryOf(tools)) ? libraryOf(tools) : undefined;
}

/**
 * QuickJS, compiled for what it will do: first so that it counts, then by these counts, which makes it a fifth faster.
 * @param tools see toolchain.js
 * @param train gets a library that counts, and lets it work. What it does before it calls `begin` is not counted
 * @returns the library
 */
export function quickjsLibrary(tools, train) {
  quickjsSource();
  const library = libraryOf(tools);
  if (existsSync(library)) return library;
  const first = join(folder, `libquickjs-${tools.name}-counting.a`);
  compile(first, tools, counting);
  train(first, forgetCounts);
  compile(library, tools, counted);
  forgetCounts();
  return library;
}

/** QuickJS without training. @returns the library */
export function untrainedLibrary(tools) {
  quickjsSource();
  const library = libraryOf(tools);
  if (!existsSync(library)) compile(library, tools, []);
  return library;
}
