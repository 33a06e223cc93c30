import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
const texts = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, import.meta.url), 'utf8') }));
const sources = texts.map(({ text }) => text).join('\n');

test('every code is documented', () => {
  const thrown = [...sources.matchAll(/new RuntimeError\(\s*'([A-Z][A-Z0-9_]+)'/g)].map(([, code]) => code as string);
  expect(thrown.length).toBeGreaterThan(50);
  for (const code of new Set(thrown)) expect(page, code).toContain(`\`${code}\``);
});

test('every documented code exists', () => {
  for (const [, code] of page.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`/g)) {
    if (['NOTIFY_SOCKET', 'LISTEN_FDS'].includes(code as string)) continue;
    // Some are put together from a prefix: SECCOMP_ + the name of the rule.
    expect(sources.includes(`'${code}'`) || sources.includes(`'${code?.replace(/^SECCOMP_/, '')}'`), code).toBe(true);
  }
});

test('what was caught is looked at before it is taken for anything: no casts, and nothing is written on it', () => {
  for (const { name, text } of texts) {
    if (name === 'native/system-error.ts' || name.endsWith('/testing.ts')) continue;
    expect(text.match(/^.*\bas \w*(Error|Exception)\b.*$/gm)?.filter((line) => !/^\s*(\*|\/)/.test(line)) ?? [], name).toEqual([]);
    expect(text.match(/^.*\b(error|cause|failure|thrown)\.\w+ \??=[^=].*$/gm) ?? [], name).toEqual([]);
  }
});
