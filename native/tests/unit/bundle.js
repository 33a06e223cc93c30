/**
 * Makes ES modules of the unit tests for the executable's engine (main.ts): `bun bundle.js FOLDER [long]` writes the globals and the tests into it, and
 * prints the names of the files of tests.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testFiles } from './files.ts';

const here = import.meta.dirname;
const root = dirname(dirname(dirname(here)));
const [outdir, length] = process.argv.slice(2);
const files = testFiles(root, length === 'long');
const shims = ['vitest', 'fast-check', 'node:fs', 'node:os'];

const forTests = {
  name: 'unit tests without Node',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${shims.join('|')})$`) }, ({ path, importer }) =>
      dirname(importer) === here && path === 'fast-check' ? undefined : { path: join(here, `${path.replace('node:', '')}.ts`) },
    );
    build.onLoad({ filter: /\/(src|spec-tests)\/.*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(`file://${path}`))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
      const name = JSON.stringify(path.slice(root.length + 1));
      const before = path.endsWith('.test.ts') ? `import { file as fileOfTests } from 'vitest';\nfileOfTests(${name});\n` : '';
      return { contents: before + text, loader: 'ts' };
    });
    build.onLoad({ filter: /unit\/main\.ts$/ }, ({ path }) => {
      const imports = files.map((name) => `import ${JSON.stringify(join(root, name))};\n`);
      return { contents: `${imports.join('')}${readFileSync(path, 'utf8')}`, loader: 'ts' };
    });
  },
};

const names = { globals: join(here, 'globals.ts'), tests: join(here, 'main.ts') };
for (const [name, entry] of Object.entries(names)) {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    // Node's own modules come along in JavaScript.
    target: 'browser',
    format: 'esm',
    define: { 'import.meta.url': 'undefined' },
    plugins: [forTests],
  });
  await Bun.write(join(outdir, `${name}.js`), outputs[0]);
}
console.log(files.join('\n'));
