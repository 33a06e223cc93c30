// A clone of HEAD in which the executable is built: what is not committed is not in it. Plain JavaScript on Node's own modules, as the build is.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.js';

const root = dirname(import.meta.dirname);

/** Variables that change what is built. */
const fromOutside = ['RUNTS_BINARY', 'RUNTS_SYMBOLS', 'CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'LDFLAGS', 'MAKEFLAGS', 'REALGCC'];

/**
 * Builds dist/runts there with the Node on PATH (this may be run by Bun), without the network where the archive of QuickJS is in this checkout or in the user's cache.
 * @param {string} folder which is made
 */
export function buildClone(folder) {
  run('git', ['clone', '--quiet', root, folder]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'build'));
  const archives = join(root, 'build/quickjs');
  if (existsSync(archives)) run('sh', ['-c', 'mkdir "$1/build/quickjs" && cp "$0"/*.tar.xz "$1/build/quickjs"', archives, folder]);
  const without = fromOutside.flatMap((name) => ['-u', name]);
  for (const script of ['build-native.js', 'build-binary.js']) run('env', [...without, 'node', join(folder, 'scripts', script)]);
}
