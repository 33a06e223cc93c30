import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { filesBelow } from './file-sizes.ts';
import { groups } from './kernel-names.ts';
import { handWritten, kernelNumbers } from './kernel-numbers.ts';

const root = dirname(import.meta.dirname);
const numbers = kernelNumbers(readFileSync(join(root, 'src/kernel.gen.ts'), 'utf8'));

test('every name that is asked for has its number in the generated file', () => {
  expect(groups.flatMap(({ names }) => names).filter((name) => !numbers.has(name))).toEqual([]);
  expect(numbers.get('SECCOMP_RET_ALLOW')).toBe(0x7fff0000n);
  expect(numbers.get('CAP_CHECKPOINT_RESTORE')).toBe(40n);
});

test.each([
  ['const MS_RDONLY = 1n;', 'MS_RDONLY'],
  ['const ENOSYS = 38;', 'ENOSYS'],
  ['const MPOL_NEW_ONE = 1 << 3;', 'MPOL_NEW_ONE'],
  ['const a = { RLIMIT_NEW: 16 };', 'RLIMIT_NEW'],
  ["const a = { 'CAP_NEW': 41 };", 'CAP_NEW'],
  ['const a = { MPOL_BIND: { number: 2, nodes: 1 } };', 'MPOL_BIND'],
  ['const a: number = action & 0x7fc00000;', '0x7fc00000 (SECCOMP_RET_USER_NOTIF)'],
  ['const a = [0x6367_7270n];', '0x6367_7270 (CGROUP2_SUPER_MAGIC)'],
  ['const BPF_F_NEW: number = 4;', 'BPF_F_NEW'],
])('%s is found', (text, expected) => {
  expect(handWritten(text, numbers)).toEqual([expected]);
});

test.each([
  'const flags = MS_RDONLY | 1n;',
  "import { MS_RDONLY } from './kernel.gen.ts';",
  'const a = { CAP_CHOWN, MPOL_BIND: { number: MPOL_BIND } };',
  '// MS_RDONLY = 1',
  '/** 0x7fff0000 is SECCOMP_RET_ALLOW = 0x7fff0000 */',
  'const a = listener ? MS_RDONLY : 1n;',
  'const a = { SECCOMP_FILTER_FLAG_TSYNC: 0n };',
  'const a = -0x80000000;',
  'const a = 0xffffffff;',
  "const a = '0x7fff0000';",
  'const SCMP_CMP_RANKS = { SCMP_CMP_EQ: 0 };',
])('%s is not', (text) => {
  expect(handWritten(text, numbers)).toEqual([]);
});

test('no source writes a number of the kernel by hand', () => {
  const sources = filesBelow(root, 'src').filter((path) => path.endsWith('.ts') && !/\b(test|testing|gen)\.ts$/.test(path));
  expect(sources.length).toBeGreaterThan(200);
  const found = sources.flatMap((path) => handWritten(readFileSync(join(root, path), 'utf8'), numbers).map((what) => `${path}: ${what}`));
  expect(found).toEqual([]);
});
