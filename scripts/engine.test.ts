// What docs/engine.md counts on, where a fault of the pinned engine stays because src/ does not come across it: the modules of the executable, with
// all that they bundle, are searched for it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { bundleModules } from './engine.js';

interface Node {
  readonly type: string;
  readonly [member: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';

/** Of literals, with the flags behind the last slash. */
const expressions: string[] = [];
const odd: string[] = [];

/** What the engine has, and its authors have mended since. */
const unused = ['Atomics', 'SharedArrayBuffer', 'WeakMap', 'WeakSet', '__proto__', 'setPrototypeOf'];

function look({ type, ...node }: Node): void {
  const regex = node['regex'] as { pattern: string; flags: string } | undefined;
  if (regex) expressions.push(`/${regex.pattern}/${regex.flags}`);
  if (node['generator'] === true || type === 'YieldExpression') odd.push('a generator');
  if (type === 'ForOfStatement' && node['await'] === true) odd.push('for await');
  if (type === 'Identifier' && unused.includes(node['name'] as string)) odd.push(node['name'] as string);
  if (type === 'NewExpression') {
    const [callee, given] = [node['callee'] as Node, node['arguments'] as Node[]];
    if (callee['name'] === 'Date' && given.length > 0) odd.push('a date from text or numbers');
    if (callee['name'] === 'RegExp') expressions.push('made while it runs');
  }
}

function walk(value: unknown, inFunction: boolean): void {
  if (Array.isArray(value)) for (const item of value) walk(item, inFunction);
  if (!isNode(value)) return;
  look(value);
  if (value.type === 'AwaitExpression' && !inFunction) odd.push('a module that waits');
  for (const member of Object.values(value)) walk(member, inFunction || value.type.includes('Function'));
}

/** Whether a group that is repeated holds one that captures: what it captured last time stays, when it takes no part this time. */
function capturesInRepeated(pattern: string): boolean {
  const text = pattern.replace(/\\./gs, '_').replace(/\[[^\]]*\]/g, '_');
  /** Of each group that is open: whether it captures, and whether one within it does. */
  const open: { captures: boolean; holds: boolean }[] = [];
  for (const { index, 0: bracket } of text.matchAll(/[()]/g)) {
    if (bracket === '(') open.push({ captures: /^\((?!\?)|^\(\?<[^=!]/.test(text.slice(index)), holds: false });
    else {
      const group = open.pop();
      if (group?.holds && /^\)(?:[*+]|\{(?!0?,?1\}))/.test(text.slice(index))) return true;
      const outer = open.at(-1);
      if (outer) outer.holds ||= group?.captures === true || group?.holds === true;
    }
  }
  return false;
}

const folder = mkdtempSync(join(tmpdir(), 'runts-modules-'));
try {
  bundleModules([], folder);
  for (const name of readdirSync(folder)) walk(parseAst(readFileSync(join(folder, name), 'utf8')), false);
} finally {
  rmSync(folder, { recursive: true });
}

test('the modules are searched', () => {
  const before = odd.length;
  for (const text of ['function* f() { yield 1; }', 'await 1', 'new Date("1")', 'Atomics.load(a, 0)']) walk(parseAst(text), false);
  expect(odd.splice(before)).toEqual(['a generator', 'a generator', 'a module that waits', 'a date from text or numbers', 'Atomics']);
  expect(expressions.length).toBeGreaterThan(100);
});

test('no module has a generator, waits while it loads, or uses what the engine has with a fault', () => {
  expect(odd).toEqual([]);
});

test('no expression has a flag for Unicode, a name of a group, a property of letters, or a capture within a repeated group', () => {
  expect(['(?:(a)|b)*', '((a)|b)+', '(?:x(?:(a)y)?){2}', '(?:(?<n>a)|b)+?'].filter((pattern) => !capturesInRepeated(pattern))).toEqual([]);
  expect(['(a)*', '(?:(a))?', '(?:ab)*(c)', '(?:\\(a|[(]b)*', '(?:(?<=a)b)*'].filter(capturesInRepeated)).toEqual([]);
  const found = expressions.filter((text) => {
    const [, pattern = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(text) ?? [];
    return /[uvd]/.test(flags) || /\\[pPk]|\(\?<[^=!]/.test(pattern) || capturesInRepeated(pattern);
  });
  expect(found).toEqual([]);
});

test('an expression is made in one place only while a command runs: from names of ours', () => {
  expect(expressions.filter((text) => text === 'made while it runs')).toHaveLength(1);
});

test('docs/engine-commits.md has one row for each commit, as its summary and docs/engine.md say', () => {
  const read = (name: string): string => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
  const [summary = '', ...sections] = read('engine-commits.md').split('\n## ');
  const commits = (text: string): string[] => [...text.matchAll(/^\| ([0-9a-f]{7}) \|/gm)].map(([, commit = '']) => commit);
  expect(new Set(sections.flatMap(commits)).size).toBe(168);
  const counts = sections.map((text) => `| ${text.slice(0, text.indexOf('\n'))} | ${commits(text).length} |`);
  expect(summary.match(/^\| .* \| \d+ \|$/gm)).toEqual(counts);
  const mended = commits(sections.find((text) => text.startsWith('Mended')) ?? '');
  expect(mended.filter((commit) => !read('engine.md').includes(commit))).toEqual([]);
});
