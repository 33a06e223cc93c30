// Makes lib/ of src/: what Node runs and the npm package holds. Plain JavaScript: on a fresh clone nothing else can run yet.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.js';

const root = dirname(import.meta.dirname);
const lib = join(root, 'lib');

/** Of each thread all modules in one file: Node needs three times as long for hundreds of them. The command line's are loaded as they are needed. */
function bundle(entries, ...flags) {
  const common = [
    '--target',
    'node',
    '--format',
    'esm',
    '--outdir',
    'lib/bundle',
    '--entry-naming',
    '[name].js',
    '--chunk-naming',
    '[name]-[hash].js',
  ];
  run(join(root, 'node_modules/.bin/bun'), ['build', ...entries, ...common, ...flags]);
}

rmSync(lib, { recursive: true, force: true });
const { status } = spawnSync(join(root, 'node_modules/typescript/bin/tsc'), ['-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
// The generated validator is JavaScript with a declaration of its own: tsc reads such a pair but does not put it out.
cpSync(join(root, 'src/spec/validate.gen.d.ts'), join(lib, 'spec/validate.gen.d.ts'));
bundle(['src/index.ts', 'src/library/worker.ts', 'src/library/watch-worker.ts']);
bundle(['src/main.ts'], '--splitting');
