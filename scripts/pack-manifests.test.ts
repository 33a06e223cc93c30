import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { prebuiltPackages } from '../src/native/load.ts';
import { type Manifest, mainManifest, misfit, type Platform, platformManifest, platforms } from './pack-manifests.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;
const [gnu, musl] = platforms as readonly [Platform, Platform];

test('the package that is published builds nothing, and wants the addons of its own version', () => {
  const main = mainManifest(manifest);
  for (const name of ['scripts', 'devDependencies', 'gypfile', 'dependencies']) expect(main).not.toHaveProperty(name);
  expect(main.files).not.toContain('build/Release/runts.node');
  expect(main.files).toContain('lib');
  expect(main['exports']).toEqual(manifest['exports']);
  expect(main['optionalDependencies']).toEqual({
    '@runts/linux-x64-gnu': manifest.version,
    '@runts/linux-x64-musl': manifest.version,
  });
});

test('those of platforms are installed where they fit, and are found there', () => {
  expect(platformManifest(manifest, musl)).toMatchObject({ version: manifest.version, os: ['linux'], cpu: ['x64'], libc: ['musl'] });
  expect(platforms.map(({ name }) => name).sort()).toEqual([...prebuiltPackages('x64')].sort());
});

test('an addon goes into no package but its own', () => {
  const elf = (machine: number, libc: string) => {
    const bytes = Buffer.alloc(128);
    bytes.write('\x7fELF', 'latin1');
    bytes.writeUInt16LE(machine, 18);
    bytes.write(`\0${libc}\0`, 64, 'latin1');
    return bytes;
  };
  expect(misfit(elf(62, 'libc.so.6'), gnu)).toBeUndefined();
  expect(misfit(elf(62, 'libc.so'), musl)).toBeUndefined();
  expect(misfit(elf(62, 'libc.so'), gnu)).toBe('not linked against glibc');
  expect(misfit(elf(62, 'libc.so.6'), musl)).toBe('not linked against musl');
  expect(misfit(elf(183, 'libc.so.6'), gnu)).toBe('not for x64');
  expect(misfit(Buffer.from('text'), gnu)).toBe('not an ELF file');
});
