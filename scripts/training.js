// What an instrumented executable does to show the compiler which paths of the JavaScript engine are hot.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const profile = join(dirname(import.meta.dirname), 'spec-tests/seccomp-oracle/fixtures/docker.json');

function addProfile(bundle) {
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.linux.seccomp = JSON.parse(readFileSync(profile, 'utf8'));
  writeFileSync(file, JSON.stringify(config));
}

/** Commands that need no rights and change nothing: what they compute is what the others compute too. */
export function train(executable) {
  const work = mkdtempSync(join(tmpdir(), 'runts-training-'));
  const bundle = join(work, 'bundle');
  const run = (...args) => spawnSync(executable, ['--root', join(work, 'root'), ...args], { cwd: bundle, stdio: 'ignore' });
  try {
    mkdirSync(join(bundle, 'rootfs'), { recursive: true });
    run('spec');
    for (let round = 0; round < 3; round++) {
      run('plan');
      run('validate');
    }
    addProfile(bundle);
    run('plan');
    run('state', 'nothing');
    run('list');
    run('features');
  } finally {
    rmSync(work, { recursive: true });
  }
}
