import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildOf, describe, isForeign, lacking } from './builds.js';

const options = Object.keys(lacking) as (keyof typeof lacking)[];

test('each option takes away its part alone', () => {
  const whole = { image: true, trained: true, immortal: true };
  const parts = (name?: string) => {
    const { tools, ...rest } = buildOf(name ? { [name]: true } : {});
    return { libc: tools().name, ...rest };
  };
  expect(parts()).toEqual({ libc: 'musl', ...whole });
  expect(Object.fromEntries(options.map((name) => [name, parts(name)]))).toEqual({
    glibc: { libc: 'glibc', ...whole },
    imageless: { libc: 'musl', image: false, trained: true, immortal: false },
    mortal: { libc: 'musl', ...whole, immortal: false },
    untrained: { libc: 'musl', ...whole, trained: false },
    plain: { libc: 'plain', image: false, trained: false, immortal: false },
  });
});

test('the build says what it made: another line for each option', () => {
  const lines = [{}, ...options.map((name) => ({ [name]: true }))].map(describe);
  expect(lines).toEqual([
    'QuickJS, linked against musl, with an image',
    'QuickJS, linked against glibc, with an image',
    'QuickJS, linked against musl, without an image',
    'QuickJS, linked against musl, with an image whose references are counted',
    'QuickJS, untrained, linked against musl, with an image',
    'QuickJS, untrained, linked against glibc, position independent, without an image',
  ]);
  expect(describe({ sanitize: true })).toBe(`under AddressSanitizer and UndefinedBehaviorSanitizer, ${lines.at(-1)}`);
});

test('an executable for another processor has the same parts, against musl alone', () => {
  if (process.arch === 'arm64') return;
  const { tools: _, ...parts } = buildOf({ arch: 'aarch64' });
  expect(parts).toEqual({ image: true, trained: true, immortal: true });
  expect(buildOf({ arch: 'aarch64', untrained: true }).trained).toBe(false);
  expect(isForeign({ arch: 'x86_64' })).toBe(false);
  expect(isForeign({})).toBe(false);
  expect(() => buildOf({ arch: 'aarch64', glibc: true })).toThrow('linked against musl');
  expect(() => buildOf({ arch: 'riscv64' })).toThrow('--arch riscv64: an executable for another processor can be built for aarch64 alone');
});

test('docs/engine.md has a measured row for each option', () => {
  const rows = readFileSync(new URL('../docs/engine.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^\| .* \d+ MiB \||^\| .* \d\.\d+ MiB \|/.test(line));
  for (const name of options) expect(rows.filter((row) => row.includes(`\`--${name}\``))).toHaveLength(1);
});
