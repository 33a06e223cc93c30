import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocks, consoleLines } from './documents.ts';
import { ownFiles } from './outside.ts';
import { tasks } from './tasks.ts';

const root = dirname(import.meta.dirname);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = ownFiles(root).filter((path) => path.endsWith('.md'));

/** Links of a page to files of the repository, without their fragments. */
const links = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => (/^(\w+:|#)/.test(target) ? [] : target.replace(/#.*/, '')));

/** Links of a page to its own headings that it does not have; those to other pages are looked at by `npm run site`. */
function astray(text: string): string[] {
  const slug = (headline: string) =>
    headline
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, headline = '']) => slug(headline));
  return [...text.matchAll(/\]\(#([^)\s]+)\)/g)].flatMap(([, anchor = '']) => (anchors.includes(anchor) ? [] : anchor));
}

/** Files and folders of the repository that a text names as code, or in the first column of a tree. */
function paths(text: string): string[] {
  const named = /(?:`|^)((?:bench|bin|docs|native|scripts|spec-tests|src)\/[\w./-]*)(?=`| )/gm;
  return [...text.matchAll(named)].map(([, path = '']) => path);
}

test('pages are found, links and paths in them too', () => {
  expect(pages).toContain('README.md');
  expect(links('[a](docs/a.md#b), [b](https://example.org) and [c](#d)')).toEqual(['docs/a.md']);
  expect(astray('## A `b`, or c\n[a](#a-b-or-c), [d](#d)')).toEqual(['d']);
  expect(paths('see `src/a.ts`, `src/b/` and `npm run x`\nnative/core/  shared')).toEqual(['src/a.ts', 'src/b/', 'native/core/']);
});

describe.each(pages)('%s', (page) => {
  test('leads only to files that are there', () => {
    expect(links(read(page)).filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
    expect(astray(read(page))).toEqual([]);
  });
});

describe.each(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/testing.md', 'docs/threat-model.md', 'docs/security.md'])(
  '%s',
  (page) => {
    test('names only files that are there', () => {
      expect(paths(read(page)).length).toBeGreaterThan(0);
      expect(paths(read(page)).filter((path) => !existsSync(join(root, path)))).toEqual([]);
    });
  },
);

test('blocks of a page are found, and the commands of a console', () => {
  const page = 'words\n<!-- tested: a.json -->\n```json\n{}\n```\n\n```\n$ true\n$ echo a\na\n\nb\n```\n';
  expect(blocks(page)).toEqual([
    { language: 'json', text: '{}\n', tested: 'a.json' },
    { language: '', text: '$ true\n$ echo a\na\n\nb\n' },
  ]);
  expect(consoleLines(blocks(page)[1]?.text ?? '')).toEqual([
    { command: 'true', output: '' },
    { command: 'echo a', output: 'a\n\nb' },
  ]);
});

const engineTests = ownFiles(root)
  .filter((path) => path.startsWith('spec-tests/engines/'))
  .map(read)
  .join('\n');

describe.each(['docker.md', 'podman.md', 'containerd.md', 'kubernetes.md'])('docs/%s', (page) => {
  test('has no block that the engines’ tests do not take', () => {
    const found = blocks(read(`docs/${page}`));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ tested }) => tested === undefined || !engineTests.includes(`'${page}', '${tested}'`))).toEqual([]);
  });
});

test('docs/releasing.md has no block that the test of packages does not execute', () => {
  const found = blocks(read('docs/releasing.md'));
  const spec = read('spec-tests/packages.spec.ts');
  expect(found.length).toBeGreaterThan(3);
  expect(found.filter(({ tested }) => !spec.includes(`commands('${tested}')`))).toEqual([]);
});

test('README shows a table of `npm test` with tasks that there are', () => {
  const table = read('README.md').split(' passed  failed  skipped\n')[1]?.split('```')[0];
  const shown = [...(table ?? '').matchAll(/^ +\d+ +\d+ +\d+ {3}(.*)$/gm)].map(([, title]) => title);
  const all = tasks.map(({ group, title }) => `${group}: ${title}`);
  expect(shown.filter((title = '') => !all.includes(title))).toEqual([]);
  expect(shown.length).toBeGreaterThan(5);
});

/** Variables that the tests take from the caller's environment, but for what the system or a program of theirs puts there. */
const environment = new Set(
  ownFiles(root)
    .filter((path) => /^(spec-tests|native\/tests)\/.*\.[jt]s$/.test(path))
    .flatMap((path) => [...read(path).matchAll(/\bprocess\.env(?:\.|\[')([A-Z][A-Z_]+)\b/g)].map(([, name = '']) => name)),
);
const given =
  'ASAN_OPTIONS CI DBUS_SESSION_BUS_ADDRESS DBUS_SYSTEM_BUS_ADDRESS ENGINES_CRIU_PATH ENGINES_RUN ENGINES_TAG HOME NO_COLOR PATH SPEC_SLOWNESS TERM TMPDIR VMRUN XDG_RUNTIME_DIR';
const guides = pages.filter((path) => path.startsWith('spec-tests/') || path === 'docs/testing.md' || path === 'docs/security.md');

test('each variable that tests take from the environment is on a page about them, and the other way round', () => {
  const words = guides.map(read).join('\n');
  expect([...environment].filter((name) => !given.split(' ').includes(name) && !new RegExp(`\\b${name}\\b`).test(words))).toEqual([]);
  const code = ownFiles(root).filter((path) => /^(spec-tests|native|scripts)\//.test(path) && !path.endsWith('.md'));
  const all = code.map(read).join('\n');
  const named = new Set([...words.matchAll(/(?<=^|[\s`"])([A-Z][A-Z_]+)(?==)/gm)].map(([, name = '']) => name));
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter((name) => name !== 'CGO_ENABLED' && !new RegExp(`\\b${name}\\b`).test(all))).toEqual([]);
});
