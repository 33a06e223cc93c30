// The package as npm would publish it, in an empty project: from ES modules and CommonJS, by Node and Bun, and its types.
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { inCgroup, specOf } from './library.ts';

const root = join(import.meta.dirname, '../..');
const bun = join(root, 'node_modules/.bin/bun');

/** A project that has the package, and nothing else. */
async function project(box: Box): Promise<string> {
  const folder = join(box.directory, 'project');
  const place = join(folder, 'node_modules/runts');
  mkdirSync(place, { recursive: true });
  const packed = join(box.suite.directory, 'packed');
  if (!existsSync(packed)) {
    mkdirSync(packed);
    (await box.host(['npm', 'pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', packed], { cwd: root })).ok();
  }
  const [archive = ''] = readdirSync(packed);
  (await box.host(['tar', '--extract', '--strip-components=1', '--file', join(packed, archive), '--directory', place])).ok();
  return folder;
}

/** Uses most of what may differ from one engine to another: threads, pipes, terminals, descriptors that are waited for, the end of the process. */
const program = `
async function main({ Runtime, RuntimeError }) {
  const { root, id, spec } = JSON.parse(process.argv[2]);
  const runtime = new Runtime({ root });
  const sh = (script) => ['sh', '-c', script];
  const withArgs = (args) => ({ ...spec, process: { ...spec.process, args } });
  const run = await runtime.run({ id, spec: withArgs(sh('cat; echo wrong >&2; exit 3')), input: 'given' });
  console.log(run.exitCode, run.reason, run.stdout, run.stderr.trim());
  const flood = await runtime.run({ id, spec: withArgs(['yes']), maxOutput: 100000 });
  console.log(flood.reason, flood.stdout.length);
  const shown = await runtime.run({ id, spec: withArgs(sh('stty size; read line; echo $line')), terminal: { columns: 91, rows: 23 }, input: 'typed\\n' });
  console.log(JSON.stringify(shown.stdout));
  const container = await runtime.create({ id, spec: withArgs(['sleep', '1000']) });
  await container.start();
  const told = (async () => {
    const types = [];
    for await (const { type } of container.events()) types.push(type);
    return types;
  })();
  const process_ = await container.spawn(sh('while read line; do echo got $line; done; exit 5'));
  process_.stdin.write('one\\n');
  for await (const chunk of process_.stdout) {
    console.log(String(chunk).trim());
    process_.stdin.end();
  }
  console.log((await process_.wait()).exitCode);
  console.log(await container.exec(['absent']).catch((error) => error instanceof RuntimeError && error.code));
  const reason = new Error('given up');
  const aborted = container.exec(['sleep', '1000'], { signal: AbortSignal.timeout(100) });
  console.log(await aborted.catch((error) => error.name));
  await container.kill('SIGTERM');
  await container.kill('SIGKILL');
  console.log((await container.wait()).signal, (await told).at(-1));
  await runtime.close();
}
`;
const printed = `3 exit given wrong
output 100000
"typed\\r\\n23 91\\r\\ntyped\\r\\n"
got one
5
EXEC_NOT_FOUND
TimeoutError
SIGKILL exit
`;

const kinds = {
  'an ES module by Node': { words: ['node'], file: 'program.mjs', text: `import * as runts from 'runts';${program}await main(runts);\n` },
  'CommonJS by Node': { words: ['node'], file: 'program.cjs', text: `${program}main(require('runts'));\n` },
  'an ES module by Bun': { words: [bun], file: 'program.mjs', text: `import * as runts from 'runts';${program}await main(runts);\n` },
  'CommonJS by Bun': { words: [bun], file: 'program.cjs', text: `${program}main(require('runts'));\n` },
};

describe('the package', () => {
  for (const [kind, { words, file, text }] of Object.entries(kinds)) {
    clause(
      `LIB-100 in ${kind}`,
      async (box) => {
        const folder = await project(box);
        const { id, spec } = specOf(box, ['true']);
        writeFileSync(join(folder, file), text);
        const subject = JSON.stringify({ root: box.stateRoot, id, spec: inCgroup(spec, id) });
        const result = await box.host([...words, file, subject], { cwd: folder });
        // The terminal echoes what is typed, sooner or later than the program prints.
        const lines = result.stdout.replace('"23 91\\r\\ntyped\\r\\ntyped\\r\\n"', '"typed\\r\\n23 91\\r\\ntyped\\r\\n"');
        expect({ stderr: result.stderr, stdout: lines }).toEqual({ stderr: '', stdout: printed });
        expect(readdirSync(box.stateRoot)).toEqual([]);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }

  clause(
    'LIB-101 is one, however it is loaded, and its types are those of both',
    async (box) => {
      const folder = await project(box);
      writeFileSync(
        join(folder, 'both.cjs'),
        `import('runts').then(({ Runtime }) => console.log(Runtime === require('runts').Runtime));\n`,
      );
      expect((await box.host(['node', 'both.cjs'], { cwd: folder })).stdout).toBe('true\n');
      const use = `async function main(): Promise<number | null> {
  const runtime = new Runtime({ root: '/run/app' });
  const result = await runtime.run({ spec: sandbox({ root: '/', args: ['true'] }), encoding: 'buffer' });
  const bytes: Buffer = result.stdout;
  return bytes.length > 0 ? result.exitCode : null;
}
void main();\n`;
      writeFileSync(join(folder, 'use.mts'), `import { Runtime, sandbox } from 'runts';\n${use}`);
      writeFileSync(join(folder, 'use.cts'), `import runts = require('runts');\nconst { Runtime, sandbox } = runts;\n${use}`);
      symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'));
      const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
      const checked = await box.host([join(root, 'node_modules/.bin/tsc'), ...flags, 'use.mts', 'use.cts'], { cwd: folder });
      expect(checked.stdout).toBe('');
      expect(checked.status).toBe(0);
    },
    'runts',
  );
});
