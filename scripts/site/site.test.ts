import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ownFiles } from '../outside.ts';
import { pages } from './pages.js';

const root = dirname(dirname(import.meta.dirname));

/** Makes a site of one page and one module, below the checkout: its compiler options are those of the library. */
async function build(page: string, code: string): Promise<{ status: number; words: string }> {
  mkdirSync(join(root, 'build'), { recursive: true });
  const directory = mkdtempSync(join(root, 'build/site-test-'));
  const at = (name: string) => join(directory, name);
  writeFileSync(at('page.md'), page);
  writeFileSync(at('other.md'), '# Other\n\n## Part\n');
  writeFileSync(at('module.ts'), code);
  writeFileSync(
    at('tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include: ['module.ts'], exclude: [], compilerOptions: { rootDir: '.' } }),
  );
  const changed = { readme: 'none', out: at('site'), tsconfig: at('tsconfig.json'), entryPoints: [at('module.ts')] };
  const options = { ...changed, projectDocuments: [at('page.md'), at('other.md')] };
  writeFileSync(
    at('typedoc.js'),
    `import site from '../../scripts/site/typedoc.js';\nexport default { ...site, ...${JSON.stringify(options)} };\n`,
  );
  const words = ['scripts/site/main.js', '--options', at('typedoc.js')];
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, words, { cwd: root }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), words: stdout + stderr }),
      );
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const documented = '/** A function. */\nexport function one(): void {}\n';

// typedoc ends after each stage that has something to say. That everything is well is seen by `npm run lint`, which makes the whole site.
test.each([
  ['a file', '[a](nowhere.md)', documented, [/page\.md.*\n?.*nowhere\.md is not a file/]],
  ['an anchor', '[a](other.md#part), [b](other.md#away)', documented, [/other\.md#away, but the anchor does not/]],
  [
    'a name in a docstring',
    '[a](other.md)',
    '/** See {@link nothing}. */\nexport function one(): void {}\nexport function bare(): void {}\n',
    [/"nothing"/, /bare.*does not have any documentation/],
  ],
])('%s that is not there fails, and an export without a docstring', { timeout: 120_000 }, async (_, links, code, expected) => {
  const { status, words } = await build(`# Page\n\n${links}\n`, code);
  for (const each of expected) expect(words).toMatch(each);
  expect(words).not.toContain('links to other.md#part');
  expect(status).not.toBe(0);
});

test('every page of docs/ has its place, once', () => {
  const listed = Object.values(pages).flat();
  expect(new Set(listed).size).toBe(listed.length);
  const written = ownFiles(root).filter((path) => /^(docs\/.*|[A-Z]+)\.md$/.test(path) && path !== 'README.md');
  expect(listed.toSorted()).toEqual(written.toSorted());
});
