// The package as npm would publish it, in an empty project: from ES modules and CommonJS, by Node and Bun, and its types.
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { otherNodes } from '../../scripts/nodes.js';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import type { Need } from '../harness/needs.ts';
import { otherNodePrograms } from '../harness/nodes.ts';
import { slowness } from '../harness/suite.ts';
import { inCgroup, specOf } from './library.ts';

const root = join(import.meta.dirname, '../..');
const bun = join(root, 'node_modules/.bin/bun');

/** So long may npm and compilers take: they need seconds of a processor. */
const patience = { timeout: 50_000 * slowness };

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

/** The published packages (scripts/pack.ts), as npm installs them where it finds no other program than itself. @returns project and PATH */
async function published(box: Box): Promise<{ readonly folder: string; readonly PATH: string }> {
  const folder = join(box.directory, 'project');
  const PATH = join(box.directory, 'programs');
  const packages = join(box.suite.directory, 'packages');
  for (const made of [folder, PATH]) mkdirSync(made);
  const npm = (await box.host(['which', 'npm'])).stdout.trim();
  for (const [name, program] of Object.entries({ node: process.execPath, npm, sh: '/bin/sh' })) {
    symlinkSync(realpathSync(program), join(PATH, name));
  }
  if (!existsSync(packages)) (await box.host([bun, 'scripts/pack.ts', packages], { cwd: root, ...patience })).ok();
  const archives = readdirSync(packages).map((name) => `file:${join(packages, name)}`);
  const archive = (words: string) => archives.find((name) => name.includes(words));
  const addons = Object.fromEntries(['gnu', 'musl'].map((libc) => [`@runts/linux-x64-${libc}`, archive(`linux-x64-${libc}`)]));
  // In place of the registry, which has them by these names.
  const manifest = { dependencies: { runts: archives.find((name) => !name.includes('linux-')) }, overrides: addons };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  (await box.host(['npm', 'install', '--offline', '--no-audit', '--no-fund'], { cwd: folder, env: { PATH }, ...patience })).ok();
  return { folder, PATH };
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
  'an ES module': { file: 'program.mjs', text: `import * as runts from 'runts';${program}await main(runts);\n` },
  CommonJS: { file: 'program.cjs', text: `${program}main(require('runts'));\n` },
};

interface Engine {
  readonly path: () => string;
  readonly needs?: readonly Need[];
}

const otherNode = (major: string): Engine => ({
  path: () => otherNodePrograms()?.[major] ?? '',
  needs: ['other releases of Node', 'the executable'],
});
const engines: Readonly<Record<string, Engine>> = {
  Node: { path: () => 'node' },
  Bun: { path: () => bun },
  ...Object.fromEntries(otherNodes.map((major) => [`Node ${major}`, otherNode(major)])),
};

describe('the package', () => {
  const pairs = Object.entries(engines).flatMap(([name, engine]) =>
    Object.entries(kinds).map(([kind, program]) => ({ title: `${kind} by ${name}`, ...engine, ...program })),
  );
  for (const { title, path, needs = [], file, text } of pairs) {
    clause(
      `LIB-100 in ${title}`,
      async (box) => {
        const folder = await project(box);
        const { id, spec } = specOf(box, ['true']);
        writeFileSync(join(folder, file), text);
        const subject = JSON.stringify({ root: box.stateRoot, id, spec: inCgroup(spec, id) });
        const result = await box.host([path(), file, subject], { cwd: folder });
        // The terminal echoes what is typed, sooner or later than the program prints.
        const lines = result.stdout.replace('"23 91\\r\\ntyped\\r\\ntyped\\r\\n"', '"typed\\r\\n23 91\\r\\ntyped\\r\\n"');
        expect({ stderr: result.stderr, stdout: lines }).toEqual({ stderr: '', stdout: printed });
        expect(readdirSync(box.stateRoot)).toEqual([]);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
      ...needs,
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
      for (const [release, version] of Object.entries({ '': '7.0.2', '-5.9': '5.9.3' })) {
        const tsc = join(root, `node_modules/typescript${release}/bin/tsc`);
        expect((await box.host([tsc, '--version'])).stdout).toBe(`Version ${version}\n`);
        const checked = await box.host([tsc, ...flags, 'use.mts', 'use.cts'], { cwd: folder, ...patience });
        expect(checked.stdout).toBe('');
        expect(checked.status).toBe(0);
      }
    },
    'runts',
    'real hardware',
  );

  clause(
    'LIB-104 has all modules of each thread in one file, for what Node needs for hundreds of them is most of the first container',
    async (box) => {
      const bundle = join(await project(box), 'node_modules/runts/lib/bundle');
      for (const name of ['index', 'worker', 'watch-worker']) {
        const imported = [...readFileSync(join(bundle, `${name}.js`), 'utf8').matchAll(/^(?:import|export)\b.*\bfrom *"(.*)"/gm)].map(
          ([, from]) => from,
        );
        expect(imported.length).toBeGreaterThan(0);
        expect(imported.filter((from) => !isBuiltin(from ?? ''))).toEqual([]);
      }
    },
    'runts',
    'real hardware',
  );

  const prebuilt = [`${root}/build/musl/runts.node` as `/${string}`, 'x86-64'] as const;

  clause(
    'LIB-102 is installed without a compiler, with the addon of its platform alone',
    async (box) => {
      const { folder, PATH } = await published(box);
      expect(readdirSync(join(folder, 'node_modules/@runts'))).toEqual(['linux-x64-gnu']);
      expect(existsSync(join(folder, 'node_modules/runts/build'))).toBe(false);
      const { id, spec } = specOf(box, ['sh', '-c', 'echo inside; exit 3']);
      const subject = JSON.stringify({ root: box.stateRoot, id, spec: inCgroup(spec, id) });
      const use = `
const { root, id, spec } = JSON.parse(process.argv[2]);
const runtime = new Runtime({ root });
runtime.run({ id, spec }).then(({ exitCode, stdout }) => { console.log(exitCode, stdout.trim()); return runtime.close(); });\n`;
      writeFileSync(join(folder, 'use.mjs'), `import { Runtime } from 'runts';${use}`);
      writeFileSync(join(folder, 'use.cjs'), `const { Runtime } = require('runts');${use}`);
      for (const words of [
        ['node', 'use.mjs'],
        ['node', 'use.cjs'],
        [bun, 'use.mjs'],
      ]) {
        const result = await box.host([...words, subject], { cwd: folder, env: { PATH }, ...patience });
        expect({ stdout: result.stdout, stderr: result.stderr }).toEqual({ stdout: '3 inside\n', stderr: '' });
      }
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    'real hardware',
    ...prebuilt,
  );

  clause(
    'LIB-103 says in one sentence that it has no addon for a machine, or why that does not do',
    async (box) => {
      const { folder, PATH } = await published(box);
      const run = (...words: string[]) => box.host(words, { cwd: folder, env: { PATH }, ...patience });
      const told = `import('runts').catch(({ name, code, hint }) => console.log(name, code, hint.includes('npm run build')));`;
      const addon = join(folder, 'node_modules/@runts/linux-x64-gnu/runts.node');
      for (const [code, words, spoil] of [
        ['ADDON_MISSING', 'no addon of runts is installed for linux on x64; ', () => rmSync(join(addon, '..'), { recursive: true })],
        [
          'ADDON_UNLOADABLE',
          `the addon of runts cannot be loaded: ${addon}: file too short; `,
          () => {
            mkdirSync(join(addon, '..'));
            writeFileSync(addon, 'no addon');
          },
        ],
      ] as const) {
        spoil();
        expect((await run('node', '--eval', told)).stdout).toBe(`RuntimeError ${code} true\n`);
        expect((await run(bun, '--eval', told)).stdout).toBe(`RuntimeError ${code} true\n`);
        const { status, stdout, stderr } = await run('node', 'node_modules/runts/bin/runts.js', 'list');
        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
        expect(stderr).toContain(`error: cannot load runts: ${words}`);
        expect(stderr.split('\n')).toHaveLength(2);
      }
    },
    'runts',
    'real hardware',
    ...prebuilt,
  );
});
