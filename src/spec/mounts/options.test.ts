import { expect, test } from 'vitest';
import { mountOptionNames, parseMountOptions } from './options.ts';

const RDONLY = 1n;
const NOSUID = 2n;
const ATIME = 0x70n;

test.each([
  [['ro'], { set: RDONLY, clear: 0n }],
  [['ro', 'rw'], { set: 0n, clear: RDONLY }],
  [['rw', 'ro'], { set: RDONLY, clear: 0n }],
  [['nosuid', 'ro'], { set: NOSUID | RDONLY, clear: 0n }],
  [['noatime'], { set: 0x10n, clear: ATIME }],
  [['noatime', 'atime'], { set: 0n, clear: ATIME }],
  [['strictatime', 'atime'], { set: 0x20n, clear: ATIME }],
  [['noatime', 'norelatime'], { set: 0x10n, clear: ATIME }],
  [['defaults'], { set: 0n, clear: 0n }],
])('MNT options %j change the attributes of the mount', (options, change) => {
  expect(parseMountOptions(options).attributes).toEqual(change);
});

test('recursive options are kept apart from those of the mount itself', () => {
  const { attributes, recursive } = parseMountOptions(['rro', 'nosuid']);
  expect(attributes).toEqual({ set: NOSUID, clear: 0n });
  expect(recursive).toEqual({ set: RDONLY, clear: 0n });
});

test('rbind, rprivate and remount are no recursive attributes', () => {
  const options = parseMountOptions(['rbind', 'rprivate']);
  expect(options).toMatchObject({ bind: true, recursiveBind: true, filesystem: [], recursive: { set: 0n, clear: 0n } });
  expect(options.propagation).toEqual([(1n << 18n) | 0x4000n]);
  expect(parseMountOptions(['remount']).remount).toBe(true);
});

test('CFG-016 unknown options are left to the filesystem, empty ones dropped', () => {
  expect(parseMountOptions(['size=64k', '', 'mode=755']).filesystem).toEqual(['size=64k', 'mode=755']);
});

test('superblock flags can be taken back', () => {
  expect(parseMountOptions(['sync', 'dirsync', 'async']).superblock).toEqual(['dirsync']);
});

test('FEAT-009 every listed option is understood', () => {
  for (const name of mountOptionNames) expect(parseMountOptions([name]).filesystem, name).toEqual([]);
});
