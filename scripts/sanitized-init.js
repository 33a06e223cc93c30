// The program init for the executable under sanitizers. It has no C library that a report could be written with, so undefined behaviour ends it by an
// instruction that the processor refuses (SIGILL), and the container with it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cppSources } from './cpp-sources.js';
import { run } from './run.js';

const root = dirname(import.meta.dirname);
const traps = ['-fsanitize=undefined', '-fno-sanitize=vptr', '-fsanitize-undefined-trap-on-error'];

/** binding.gyp is a literal of Python. */
const readFlags = `import ast
flags = ast.literal_eval(open('binding.gyp').read())['variables']['init_flags']
print('\\n'.join(flag for flag in flags if not flag.startswith('<')))`;

const changed = (file) => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Makes it unless it is newer than its sources. @returns its path */
export function trappingInit() {
  const file = 'build/engine/sanitized/init';
  const sources = cppSources('init');
  const older = [...sources, ...cppSources('init-headers'), 'binding.gyp', 'scripts/sanitized-init.js'].every(
    (source) => changed(source) < changed(file),
  );
  if (!older) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    const flags = execFileSync('python3', ['-c', readFlags], { cwd: root, encoding: 'utf8' }).trim().split('\n');
    run('g++', [...flags, ...traps, ...sources, '-o', file]);
  }
  return join(root, file);
}
