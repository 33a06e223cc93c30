import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ops } from '../src/plan/wire/ops.ts';

const root = dirname(import.meta.dirname);

/** Text of all files below a folder, but tests and what declares: that something is declared is no use of it. */
function textOf(folder: string, ending: RegExp, but: RegExp): string {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => ending.test(file) && !but.test(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'))
    .join('\n');
}

const sources = textOf('src', /\.ts$/, /\.test\.ts$|^native\/addon\.ts$|^plan\/wire\//);

test('every operation that init can do is planned somewhere', () => {
  expect(Object.keys(ops).filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
});

test('every function of the addon is called somewhere', () => {
  const exported = [...textOf('native/addon', /\.cc$/, /^$/).matchAll(/\badd<\w+>\(exports, "(\w+)"\)/g)].map(([, name = '']) => name);
  expect(exported).toContain('runProcess');
  expect(exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
});

test('every system call that has a wrapper is made somewhere', () => {
  const native = textOf('native', /\.(cc|h)$/, /^core\/syscall\.h$/);
  const wrapped = [...readFileSync(join(root, 'native/core/syscall.h'), 'utf8').matchAll(/^(?:\[\[noreturn\]\] )?inline \w+ (\w+)\(/gm)];
  const names = wrapped.map(([, name = '']) => name).filter((name) => !['call', 'word'].includes(name));
  expect(names).toContain('openat');
  expect(names.filter((name) => !native.includes(`sys::${name}(`))).toEqual([]);
});
