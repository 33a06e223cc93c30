import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';

/** binding.gyp is a literal of Python. */
const readFlags = `import ast
flags = ast.literal_eval(open('binding.gyp').read())['variables']['init_flags']
print('\\n'.join(flag for flag in flags if not flag.startswith('<')))`;

/** What the program init is compiled with, but for warnings. */
export const initFlags = () =>
  execFileSync('python3', ['-c', readFlags], { cwd: dirname(import.meta.dirname), encoding: 'utf8' })
    .trim()
    .split('\n');
