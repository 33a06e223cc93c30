// Writes the bundles of the features to build/, and has the machine try them: see `run`.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crossCompiler } from '../../scripts/aarch64/compiler.js';
import { defaultConfig } from '../harness/config.ts';
import { probeSources, projectRoot } from '../harness/suite.ts';
import { rootfs } from './feature.ts';
import { features, folder, folderOf } from './features.ts';

/** Seconds until the machine is switched off. */
const timeout = 1200;

/** Programs of the tests, for that processor. */
function compile(name: string, sources: readonly string[]): void {
  const [gcc = '', ...args] = crossCompiler(join(projectRoot, 'build/engine/aarch64')).gcc;
  const file = join(folder, name);
  execFileSync(gcc, [...args, '-static', '-Os', '-Wall', '-Werror', '-o', file, ...sources], { cwd: projectRoot, stdio: 'inherit' });
}

function writeBundles(): void {
  features.forEach(({ change, script }, index) => {
    const bundle = folderOf(index);
    mkdirSync(bundle);
    const config = defaultConfig(`c${index}`, []);
    config.root = { path: rootfs };
    change?.(config);
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config, null, 1));
    writeFileSync(join(bundle, 'script'), `${script}\n`);
  });
}

function boot(): number {
  const build = join(projectRoot, 'build');
  const machine = [join(projectRoot, 'scripts/machine/main.ts'), '--arch', 'aarch64', '--kernel', 'trixie', '--timeout', String(timeout)];
  const folders = ['--share', build, '--tmpfs', '/srv'];
  const command = ['sh', join(folder, 'inside.sh'), join(folder, 'runts'), folder];
  const { status } = spawnSync(process.execPath, [...machine, ...folders, '--', ...command], { cwd: build, stdio: 'inherit' });
  return status ?? 1;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeBundles();
// The machine is shown that folder alone.
copyFileSync(process.env['RUNTIME'] ?? '', join(folder, 'runts'));
for (const name of ['inside.sh', 'feature.sh']) copyFileSync(join(import.meta.dirname, name), join(folder, name));
compile('probe', probeSources);
compile('agent', ['spec-tests/probe/seccomp-agent.c']);
process.exitCode = boot();
if (process.exitCode === 0 && !existsSync(join(folderOf(features.length - 1), 'output'))) process.exitCode = 1;
