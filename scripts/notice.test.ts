import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const notice = read('NOTICE');
const debian12 = existsSync('/etc/os-release') && /^VERSION_ID="12"$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** What a program says of its version, on whichever stream; '' where there is none. */
function answer(program: string, ...args: readonly string[]) {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return `${stdout ?? ''}${stderr ?? ''}`;
}

test('the notice names the release of QuickJS that is built', () => {
  const release = /^const version = '([\d.]+)';$/m.exec(read('scripts/quickjs.js'))?.[1];
  expect(notice).toMatch(new RegExp(`^QuickJS ${release?.replaceAll('.', '-')} \\(MIT\\)`, 'm'));
});

test('the notice names the release of node-addon-api that is built', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { readonly devDependencies: Readonly<Record<string, string>> };
  expect(notice).toContain(`\nnode-addon-api ${devDependencies['node-addon-api']} (MIT)\n`);
});

test('the notice names the musl of Debian 12', (context) => {
  const version = /^Version (\S+)$/m.exec(answer('/lib/ld-musl-x86_64.so.1'))?.[1];
  if (!debian12 || version === undefined) context.skip('not Debian 12 with musl');
  expect(notice).toContain(`\nmusl ${version} (MIT)\n`);
});

test('the notice names the GCC of Debian 12', (context) => {
  const version = answer('g++', '-dumpfullversion').trim();
  if (!debian12 || version === '') context.skip('not Debian 12 with g++');
  expect(notice).toContain(`\nlibstdc++ and libgcc of GCC ${version}\n`);
});

test('notice and license are part of the package', () => {
  const packed = answer('npm', 'pack', '--dry-run', '--json', '--ignore-scripts', '--offline', root);
  expect(packed).toContain('"path": "NOTICE"');
  expect(packed).toContain('"path": "LICENSE"');
});
