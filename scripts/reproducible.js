// Shows that a commit makes one executable: builds HEAD in two fresh clones, in folders of different names, and compares byte for byte. It takes
// as long as two builds: `node scripts/reproducible.js`, for releases and for who changes how the executable is built.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildClone } from './clone.js';

/** What dist/runts is made of, in the order in which it is made, so that it is seen what differs first. */
const parts = ['build/Release/init', 'build/engine/modules.bin', 'build/engine/image', 'dist/runts'];

const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

const work = mkdtempSync(join(tmpdir(), 'runts-reproducible-'));
try {
  const folders = ['one', 'another of a longer name'].map((name) => join(work, name.replaceAll(' ', '-')));
  for (const folder of folders) buildClone(folder);
  for (const part of parts) {
    const [one, other] = folders.map((folder) => sha256(join(folder, part)));
    console.log(`${one === other ? 'same     ' : 'DIFFERENT'} ${one} ${part}`);
    if (one !== other) process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true });
}
