// Makes build/musl/runts.node, the addon for Node and Bun on systems whose C library is musl, with the compiler of this one (toolchain.js).
// What node-gyp has built, build/Release/runts.node, is for glibc.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { cppSources } from './cpp-sources.js';
import { needPrograms } from './programs.js';
import { run } from './run.js';
import { musl } from './toolchain.js';
import { Unavailable } from './unavailable.js';
import { warnings } from './warnings.js';

const root = dirname(import.meta.dirname);

function build() {
  const { cxx, includes, programs } = musl();
  needPrograms(...programs);
  const { nodedir } = JSON.parse(readFileSync(join(root, 'build/config.gypi'), 'utf8').replace(/^#.*$/gm, '')).variables;
  const out = join(root, 'build/musl');
  const variables = {
    OUT: out,
    CXX: cxx.join(' '),
    INCLUDES: [...includes, '-isystem', join(nodedir, 'include/node'), '-isystem', join(root, 'node_modules/node-addon-api')].join(' '),
    SOURCES: cppSources('addon', 'musl-addon').join(' '),
    INIT: join(root, 'build/Release/init'),
    WARNINGS: warnings().join(' '),
    ROOT: root,
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const folder = join(root, 'native/musl/addon');
  run('make', ['--silent', '-C', folder, `-j${availableParallelism()}`, join(out, 'runts.node'), ...assignments]);
}

try {
  build();
} catch (error) {
  console.error(error.message);
  process.exitCode = error instanceof Unavailable ? Unavailable.status : 1;
}
