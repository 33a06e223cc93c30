import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { cppSources } from './cpp-sources.js';
import { products, sourcesOf, withImports } from './products.js';

const root = dirname(import.meta.dirname);
const [, addon, library, executable, muslAddon] = products;
if (!addon || !library || !executable || !muslAddon) throw new Error('a product is missing');
const built = [addon, library, executable, muslAddon];

/** What is made from sources, by a build or by npm. */
const made = /^(build|dist|lib|node_modules)(\/|$)/;

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Those of the checkout that make-ready does not look at for a product; system headers and what is made are none of it. */
function unseen(product: (typeof products)[number], files: Iterable<string>): string[] {
  const seen = sourcesOf(product);
  const inside = [...new Set(files)]
    .map((file) => relative(root, resolve(root, file)))
    .filter((file) => !file.startsWith('..') && !made.test(file));
  return inside.filter((file) => !seen.some((source) => file === source || file.startsWith(`${source}/`))).sort();
}

/** The files that rules of make name, which the compiler wrote. A path is relative to where it was called. */
function dependencies(text: string, from: string): string[] {
  const rules = text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => !line.startsWith('cmd_'));
  return rules
    .flatMap((line) => line.replace(/^\S+:/, '').split(/\s+/))
    .filter(Boolean)
    .map((file) => resolve(root, from, file))
    .filter(isFile);
}

function below(folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, folder, name));
}

test('make-ready sees every file that the compiler read for the addon', () => {
  const files = below('build/Release/.deps', '.o.d').flatMap((file) => dependencies(readFileSync(file, 'utf8'), 'build'));
  expect(files).toContain(join(root, 'native/core/fd.h'));
  expect(unseen(addon, files)).toEqual([]);
});

test('make-ready sees, and make too, every file that the compiler reads for init', () => {
  const text = execFileSync('g++', ['-std=c++20', '-ffreestanding', '-MM', ...cppSources('init')], { cwd: root, encoding: 'utf8' });
  const files = dependencies(text, '.');
  expect(files).toContain(join(root, 'native/core/syscall.h'));
  expect(unseen(addon, files)).toEqual([]);
  const inputs = new Set(cppSources('init', 'init-headers').map((file) => join(root, file)));
  expect(files.filter((file) => !inputs.has(file))).toEqual([]);
});

test("make-ready sees every file that the compiler read for musl's addon", (context) => {
  const files = below('build/musl', '.d').flatMap((file) => dependencies(readFileSync(file, 'utf8'), 'native/musl/addon'));
  if (files.length === 0) context.skip('no addon for musl has been built');
  expect(unseen(muslAddon, files)).toEqual([]);
});

test('make-ready sees every file that the compiler read for the executable', (context) => {
  const rules = below('build/engine', '.d');
  if (rules.length === 0) context.skip('no executable has been built');
  expect(
    unseen(
      executable,
      rules.flatMap((file) => dependencies(readFileSync(file, 'utf8'), 'native/engine')),
    ),
  ).toEqual([]);
});

test.each(built)('make-ready sees the scripts that make $name, and every file that these name', (product) => {
  if (!product.script) throw new Error('no script');
  const scripts = withImports(product.script);
  expect(scripts.size).toBeGreaterThan(0);
  const texts = [...scripts, ...product.sources.filter((source) => source === 'binding.gyp')].map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  const named = texts
    .map((text) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
    .flatMap((text) => [...text.matchAll(/[\w./-]+/g)].map(([word]) => word))
    .filter((word) => word.includes('.') && !word.startsWith('/') && isFile(join(root, word)));
  expect(unseen(product, [...scripts, ...named])).toEqual([]);
});

test('make-ready sees what lib/ is made of', () => {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { include: string[] };
  expect(unseen(library, ['tsconfig.json', ...include])).toEqual([]);
});
