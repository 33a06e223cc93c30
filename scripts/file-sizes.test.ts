import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folders, longFiles } from './file-sizes.ts';

function tree(files: Readonly<Record<string, number>>): string {
  const root = mkdtempSync(join(tmpdir(), 'runts-sizes-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), 'line\n'.repeat(lines));
  }
  return root;
}

test('a file of 301 lines is found in every folder and every language, one of 300 is not', () => {
  const names = ['a.ts', 'below/b.cc', 'c.h', 'd.c', 'e.js', 'f.py', 'g.sh', 'script', 'h.test.ts'];
  const paths = folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)).sort();
  expect(longFiles(tree(Object.fromEntries(paths.map((path) => [path, 301]))))).toEqual(
    paths.map((path) => `${path} has 301 lines, 300 are the most`),
  );
  expect(longFiles(tree(Object.fromEntries(paths.map((path) => [path, 300]))))).toEqual([]);
});

test('what nobody writes by hand may be of any length', () => {
  const paths = ['src/a.gen.ts', 'spec-tests/fixtures/b.c', 'spec-tests/recordings/c.json', 'native/d.md', 'docs/e.ts'];
  expect(longFiles(tree(Object.fromEntries(paths.map((path) => [path, 999]))))).toEqual([]);
});
