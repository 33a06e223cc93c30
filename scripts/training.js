// What an instrumented executable does to show the compiler which paths of the JavaScript engine are hot: commands that src/ carries out on a host
// that native/engine/training.js makes up, so that every build counts the same.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const profile = join(root, 'spec-tests/seccomp-oracle/fixtures/docker.json');

/** The module to be loaded in front of src/. */
export function trainingModule() {
  const text = readFileSync(join(root, 'native/engine/training.js'), 'utf8');
  return `globalThis.engine.profile = ${readFileSync(profile, 'utf8')};\n${text}`;
}

/** @throws Error when a command does not do what it should: then it is not known what was counted */
export function train(executable) {
  for (let number = 0, last = false; !last; number++) {
    // Its path is counted, too.
    const { status, stderr } = spawnSync(`./${basename(executable)}`, [String(number)], {
      cwd: dirname(executable),
      env: {},
      encoding: 'utf8',
    });
    last = status === 100;
    if (status !== 0 && !last) throw new Error(`command ${number} of the training ended with ${status}: ${stderr}`);
  }
}
