// Builds the addon (with the embedded init program) by node-gyp: `node scripts/build-native.js [--clean]`.
// Plain JavaScript on Node's own modules, because `prepare` runs it before anything else is there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');

/** The folder whose include/node holds Node's headers; undefined lets node-gyp download them. */
function findNodeDirectory() {
  const candidates = [process.env.npm_config_nodedir, dirname(dirname(process.execPath))];
  return candidates.find((directory) => directory && existsSync(join(directory, 'include/node/node_api.h')));
}

const verbs = process.argv.includes('--clean') ? ['rebuild'] : ['configure', 'build'];
const nodeDirectory = findNodeDirectory();
// Children of npm inherit npm_config_nodedir, which may name a folder without headers: the option wins over it.
const options = nodeDirectory ? [`--nodedir=${nodeDirectory}`] : [];
for (const verb of verbs) {
  const { status } = spawnSync(process.execPath, [nodeGyp, verb, '--loglevel=warn', '--jobs=max', ...options], {
    cwd: dirname(import.meta.dirname),
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
