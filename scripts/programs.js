// Programs that the executable is built with, and what to do where one is missing.
// Plain JavaScript on Node's own modules: the executable is built before anything of ours can run.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's package of each. */
const packages = {
  ar: 'binutils',
  'g++': 'g++',
  gcc: 'gcc',
  make: 'make',
  'musl-gcc': 'musl-tools',
  objcopy: 'binutils',
  tar: 'tar',
  xz: 'xz-utils',
};

function isInstalled(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @throws Error that tells what to install, unless all of them are on PATH */
export function needPrograms(...programs) {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const names = [...new Set(missing.map((program) => packages[program]))].sort();
  throw new Error(`not installed: ${missing.join(', ')}\n  on Debian: apt-get install --yes ${names.join(' ')}`);
}
