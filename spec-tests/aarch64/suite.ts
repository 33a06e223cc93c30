// Has the integration suite run in the machine for aarch64, by Debian's Node and with Debian's compiler: see `run`. Emulated, a file takes minutes.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/archive.js';
import { madeOnce } from '../../scripts/packages.js';
import { emulated } from '../../scripts/platforms/list.ts';
import { projectRoot } from '../harness/suite.ts';

/** Seconds until the machine is switched off. */
const timeout = Number(process.env['VM_TIMEOUT'] ?? 7200);

const packages = [
  ...[
    'base-files',
    'bash',
    'coreutils',
    'dash',
    'diffutils',
    'e2fsprogs',
    'findutils',
    'gcc',
    'grep',
    'iproute2',
    'kmod',
    'libc6-dev',
    'mawk',
  ],
  ...['mount', 'nodejs', 'procps', 'python3', 'sed', 'strace', 'tar', 'uidmap', 'util-linux', 'crun', 'runc'],
];

/** What npm has not installed here, because it is for another processor: parts of the tool that runs the tests. */
function foreignModules(): string {
  const wanted = ['@rolldown/binding-linux-arm64-gnu', 'lightningcss-linux-arm64-gnu'];
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const versions = wanted.map((name) => `${name}@${lock.packages[`node_modules/${name}`]?.version}`);
  const name = versions.join('-').replaceAll(/[^\w.-]/g, '-');
  return madeOnce(join(cacheFolder(), 'node-arm64', name), (folder) => {
    const options = [
      '--prefix',
      folder,
      '--os',
      'linux',
      '--cpu',
      'arm64',
      '--libc',
      'glibc',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--force',
    ];
    execFileSync('npm', ['install', ...options, ...versions], { stdio: ['ignore', 'inherit', 'inherit'] });
  });
}

const modules = join(foreignModules(), 'node_modules');
const machine = [join(projectRoot, 'scripts/machine/main.ts'), '--arch', 'aarch64', '--kernel', 'trixie', '--timeout', String(timeout)];
const folders = ['--show', projectRoot, '--show', modules, '--share', join(projectRoot, 'build'), '--disk', '1G'];
const environment = {
  NODE_PATH: modules,
  RUNTIME: process.env['RUNTIME'] ?? '',
  SPEC_STRICT: '1',
  TMPDIR: '/disk',
  ...(process.arch === 'arm64' ? {} : emulated),
  ...(process.env['CI'] ? { CI: process.env['CI'] } : {}),
};
const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
const command = ['node', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'spec', '--no-isolate', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [...machine, '--packages', packages.join(','), ...folders, ...variables, '--', ...command], {
  cwd: projectRoot,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
