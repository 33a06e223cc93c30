// Brings QuickJS, the JavaScript engine of the single executable, into build/quickjs and compiles it.
// Plain JavaScript on Node's own modules: the executable is built before anything of ours can run.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const folder = join(root, 'build/quickjs');

/** The source of Debian's stable package: it stays for years, and apt knows from where. */
const version = '2025.04.26';
const tarball = `quickjs_${version}.orig.tar.xz`;
const sha256 = 'ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe';

/** It includes quickjs.c. */
const immortal = join(root, 'native/engine/immortal.c');
const sources = ['libregexp.c', 'libunicode.c', 'cutils.c', 'dtoa.c'];
const flags = ['-O3', '-fno-pie', '-fwrapv', '-funsigned-char', '-ffunction-sections', '-fdata-sections', '-D_GNU_SOURCE', '-w'];

function run(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} failed`);
  return stdout;
}

/** The mirror of Debian that this machine's apt is set up with. */
function mirror() {
  const repositories = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']).split('\n');
  const debian = repositories.find((uri) => /\/debian\/?$/.test(uri));
  if (debian === undefined) throw new Error('apt knows no mirror of Debian');
  return debian.endsWith('/') ? debian : `${debian}/`;
}

/** apt's own downloader: what has another checksum does not stay. */
function download() {
  const uri = `${mirror()}pool/main/q/quickjs/${tarball}`;
  run('/usr/lib/apt/apt-helper', ['-o', 'APT::Sandbox::User=root', 'download-file', uri, join(folder, tarball), `SHA256:${sha256}`]);
}

function unpack() {
  const file = join(folder, tarball);
  if (createHash('sha256').update(readFileSync(file)).digest('hex') !== sha256)
    throw new Error(`${tarball} is not the one that was reviewed`);
  run('tar', ['-xf', file, '-C', folder]);
  const source = join(folder, 'include');
  rmSync(source, { recursive: true, force: true });
  renameSync(join(folder, `quickjs-${version}`), source);
  countMortalsAlone(source);
  return source;
}

/** @throws Error unless there are as many places as there were when this was written */
function replace(file, pattern, replacement, places) {
  const text = readFileSync(file, 'utf8');
  const found = text.match(pattern)?.length ?? 0;
  if (found !== places) throw new Error(`${file}: ${pattern} is found ${found} times, not ${places}`);
  writeFileSync(file, text.replace(pattern, replacement));
}

/**
 * Counting references writes to whatever is used, and a page of the executable that is written to must be copied first. So what the image holds
 * when the executable is built has a count that stays as it is (native/engine/immortal.h). The collector's own counting does not go through here.
 */
function countMortalsAlone(source) {
  const [header, code] = [join(source, 'quickjs.h'), join(source, 'quickjs.c')];
  replace(header, /--(p->ref_count)/g, 'DROP_REFERENCE($1)', 2);
  replace(header, /(p->ref_count)\+\+/g, 'HOLD_REFERENCE($1)', 2);
  replace(header, /^#define QUICKJS_H$/gm, '$&\n#include "reference_count.h"', 1);
  replace(code, /--((?:\w|->|\.)+->header\.ref_count)/g, 'DROP_REFERENCE($1)', 6);
  replace(code, /((?:\w|->|\.)+->header\.ref_count)\+\+/g, 'HOLD_REFERENCE($1)', 16);
}

function compile(source, library, cc) {
  const objects = [immortal, ...sources.map((name) => join(source, name))].map((file) => {
    const object = join(folder, basename(file).replace('.c', '.o'));
    run(cc[0], [...cc.slice(1), ...flags, `-DCONFIG_VERSION="${version}"`, '-I', source, '-I', dirname(immortal), '-c', file, '-o', object]);
    return object;
  });
  rmSync(library, { force: true });
  run('ar', ['rcs', `${library}.new`, ...objects]);
  renameSync(`${library}.new`, library);
}

/**
 * QuickJS, from build/quickjs or brought there now.
 * @param toolchain see toolchain.js
 * @returns the folder of its headers and the compiled library
 * @throws Error when it cannot be had here
 */
export function quickjs({ name, cc }) {
  const source = join(folder, 'include');
  // Other flags make another library, and so does another way of making it.
  const recipe = createHash('sha256').update(readFileSync(import.meta.filename)).update(readFileSync(immortal)).digest('hex').slice(0, 8);
  const library = join(folder, `libquickjs-${name}-${recipe}.a`);
  if (existsSync(library)) return { include: source, library };
  mkdirSync(folder, { recursive: true });
  try {
    if (!existsSync(join(folder, tarball))) download();
  } catch (error) {
    throw new Error(`QuickJS cannot be had by apt: ${error.message}; ${tarball} may also be put into ${folder} by hand`);
  }
  compile(unpack(), library, cc);
  return { include: source, library };
}
