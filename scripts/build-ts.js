// Compiles src/ to lib/, which Node runs and which the npm package holds.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const lib = join(root, 'lib');

rmSync(lib, { recursive: true, force: true });
const { status } = spawnSync(join(root, 'node_modules/typescript/bin/tsc'), ['-p', 'tsconfig.json'], { cwd: root, stdio: 'inherit' });
// The generated validator is JavaScript with a declaration of its own: tsc reads such a pair but does not put it out.
cpSync(join(root, 'src/spec/validate.gen.js'), join(lib, 'spec/validate.gen.js'));
cpSync(join(root, 'src/spec/validate.gen.d.ts'), join(lib, 'spec/validate.gen.d.ts'));
process.exit(status ?? 1);
