// Shows that a commit makes one executable: builds HEAD in two fresh clones, in folders of different names, and compares byte for byte. It takes
// as long as two builds: `node scripts/reproducible.js`, for releases and for who changes how the executable is built.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildClone } from './clone.js';
import { run } from './run.js';

/** What dist/runts and the packages of npm are made of, in the order in which it is made, so that it is seen what differs first. */
const parts = [
  ...['build/Release/init', 'build/engine/modules.bin', 'build/engine/image', 'dist/runts'],
  ...['build/Release/runts.node', 'build/musl/runts.node', 'lib'],
];

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {string} path of a file, or of a folder: then of the names and digests of its files */
function digest(path) {
  if (!statSync(path).isDirectory()) return sha256(readFileSync(path));
  const names = readdirSync(path, { recursive: true }).filter((name) => statSync(join(path, name)).isFile());
  return sha256(
    names
      .sort()
      .map((name) => `${name} ${sha256(readFileSync(join(path, name)))}\n`)
      .join(''),
  );
}

const work = mkdtempSync(join(tmpdir(), 'runts-reproducible-'));
try {
  const folders = ['one', 'another of a longer name'].map((name) => join(work, name.replaceAll(' ', '-')));
  for (const folder of folders) {
    buildClone(folder);
    for (const script of ['build-ts.js', 'build-musl-addon.js']) run('node', [join(folder, 'scripts', script)]);
  }
  for (const part of parts) {
    const [one, other] = folders.map((folder) => digest(join(folder, part)));
    console.log(`${one === other ? 'same     ' : 'DIFFERENT'} ${one} ${part}`);
    if (one !== other) process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true });
}
