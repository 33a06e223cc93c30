import { expect, test } from 'vitest';
import { noAddon, prebuiltPackages } from './load.ts';

test('packages are those of the processor, musl first', () => {
  expect(prebuiltPackages('x64')).toEqual(['@runts/linux-x64-musl', '@runts/linux-x64-gnu']);
});

test('without any addon it is said for what there is none', () => {
  const error = noAddon('riscv64', []);
  expect(error).toMatchObject({ code: 'ADDON_MISSING', message: 'no addon of runts is installed for linux on riscv64' });
  expect(error.hint).toContain('npm install --include=optional');
});

test('of an addon that is there the reason is told', () => {
  const cause = new Error("version `GLIBC_2.36' not found");
  const error = noAddon('x64', [cause, new Error('another')]);
  expect(error).toMatchObject({ code: 'ADDON_UNLOADABLE', cause });
  expect(error.message).toContain("GLIBC_2.36' not found");
  expect(error.hint).toContain('npm run build');
});
