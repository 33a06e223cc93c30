import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = dirname(import.meta.dirname);

/** What Biome finds with the rules of this repository: "path: rule", sorted and each once. */
function findings(files: Readonly<Record<string, string>>): string[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runts-biome-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const biome = join(root, 'node_modules/.bin/biome');
  const options = ['--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none'];
  const { status, stdout, stderr } = spawnSync(biome, ['lint', ...options], { cwd: folder, encoding: 'utf8' });
  const found = [...stdout.matchAll(/^::error title=lint\/\w+\/(\w+),file=([^,]+),/gm)].map(
    ([, rule, path = '']) => `${relative(folder, resolve(folder, path))}: ${rule}`,
  );
  if ((status === 0) !== (found.length === 0)) throw new Error(`biome ended with ${status}: ${stdout}${stderr}`);
  return [...new Set(found)].sort();
}

const imports = (specifier: string): string => `import { a } from '${specifier}';\n\nexport const b = a;\n`;
const types = (specifier: string): string => `import type { A } from '${specifier}';\n\nexport type B = A;\n`;

test('an import against the layers is found, of values, of types and of what is loaded late', () => {
  const bad: Readonly<Record<string, string>> = {
    'src/main.ts': imports('./engine/globals.ts'),
    'src/cli/a.ts': imports('../main.ts'),
    'src/container/a.ts': types('../cli/parse.ts'),
    'src/container/state/status.ts': imports('./store.ts'),
    'src/host/a.ts': imports('../container/a.ts'),
    'src/host/facts.ts': imports('./probe.ts'),
    'src/native/a.ts': imports('../cli/a.ts'),
    'src/plan/deep/a.ts': "export const late = () => import('../../container/create.ts');\n",
    'src/plan/pure.ts': imports('../native/addon.ts'),
    'src/spec/rules/a.ts': imports('../../host/probe.ts'),
    'src/spec/mounts/a.ts': imports('../../plan/path.ts'),
    'src/spec/rules/late.ts': "export const late = () => import('../../plan/build.ts');\n",
    'src/spec/types.ts': types('../plan/plan.ts'),
    'src/spec/b.ts': types('../container/context.ts'),
    'src/errors.ts': imports('./spec/json.ts'),
  };
  expect(findings(bad)).toEqual(
    Object.keys(bad)
      .map((path) => `${path}: noRestrictedImports`)
      .sort(),
  );
});

test('a module of Node is found wherever the executable goes', () => {
  const folders = ['engine', 'cli', 'container', 'host', 'native', 'spec', 'plan'];
  const paths = [...folders.map((folder) => `src/${folder}/a.ts`), 'src/main.ts', 'src/hints.ts'];
  expect(findings(Object.fromEntries(paths.map((path) => [path, imports('node:fs')])))).toEqual(
    paths.map((path) => `${path}: noRestrictedImports`).sort(),
  );
});

test('what goes inward is let through, and tests may import what they like', () => {
  const good = {
    'src/engine/a.ts': imports('../cli/dispatch.ts'),
    'src/cli/a.ts': imports('../container/create.ts'),
    'src/container/a.ts': imports('../native/addon.ts'),
    'src/plan/a.ts': types('../host/facts.ts'),
    'src/plan/b.ts': imports('../spec/pointer.ts'),
    'src/plan/a.test.ts': imports('node:fs'),
    'src/spec/a.test.ts': imports('../plan/build.ts'),
    'src/plan/testing.ts': imports('../container/context.ts'),
  };
  expect(findings(good)).toEqual([]);
});

test('a circle of imports is found, also of types alone', () => {
  const circle = {
    'src/plan/a.ts': "import { b } from './b.ts';\n\nexport const a = () => b;\n",
    'src/plan/b.ts': "import { a } from './a.ts';\n\nexport const b = () => a;\n",
    'src/spec/c.ts': "import type { D } from './d.ts';\n\nexport type C = readonly D[];\n",
    'src/spec/d.ts': "import type { C } from './c.ts';\n\nexport type D = readonly C[];\n",
  };
  expect(findings(circle)).toEqual(
    Object.keys(circle)
      .map((path) => `${path}: noImportCycles`)
      .sort(),
  );
});

test('a promise that nobody waits for is found', () => {
  const text = 'async function later(): Promise<void> {}\n\nexport function now(): void {\n  later();\n}\n';
  expect(findings({ 'spec-tests/a.spec.ts': text })).toEqual(['spec-tests/a.spec.ts: noFloatingPromises']);
});
