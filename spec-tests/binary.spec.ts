import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { findRuntime } from './harness/suite.ts';

const [executable = '', script] = findRuntime().command;

/** Made by Bun, which is large, the executable needs its addon beside it (scripts/build-binary.js). */
const files = statSync(executable).size > 50_000_000 ? ['runts', 'runts.node'] : ['runts'];

/** Copies what is to be installed, nothing else, to a folder of the box. @returns the copy */
function install(box: Box): string {
  const folder = join(box.directory, 'installed here');
  mkdirSync(folder);
  for (const name of files) copyFileSync(join(dirname(executable), name), join(folder, name));
  return join(folder, 'runts');
}

describe('the executable', () => {
  // JavaScript under Node stays in its checkout: only the single executable can be moved.
  if (script === undefined) {
    clause(
      'BIN-001 one file is enough, in any folder',
      async (box) => {
        const bundle = box.bundle((config) => {
          config.process.args = ['echo', 'hello'];
        });
        const runtime = ['--root', box.stateRoot, 'run', '--bundle', bundle.directory, bundle.id];
        const result = await box.host([install(box), ...runtime], { cwd: '/' });
        expect(result.ok().stdout).toBe('hello\n');
      },
      'runts',
    );

    clause(
      'BIN-002 it is found through a symlink and through PATH',
      async (box) => {
        const bin = join(box.directory, 'bin');
        mkdirSync(bin);
        symlinkSync(install(box), join(bin, 'runts'));
        const viaPath = ['/bin/sh', '-c', 'exec runts --root "$0" list --quiet', box.stateRoot];
        expect((await box.host(viaPath, { env: { PATH: `${bin}:/usr/bin:/bin` } })).ok().stdout).toBe('');
      },
      'runts',
    );
  }

  clause(
    'BIN-004 no library is loaded, whatever the environment says',
    async (box) => {
      const preload = join(box.directory, 'nothing.so');
      // The dynamic linker would say that it cannot be preloaded.
      const result = await box.host([executable, '--version'], { env: { LD_PRELOAD: preload, LD_LIBRARY_PATH: box.directory } });
      expect(result.ok().stderr).toBe('');
    },
    'runts',
    'a static executable',
  );

  clause(
    'BIN-003 nothing in the working directory configures the runtime',
    async (box) => {
      const seen = join(box.directory, 'environment');
      const bundle = box.bundle((config) => {
        config.process.args = ['true'];
        config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', `env >'${seen}'`] }] };
      });
      const hostile = join(bundle.directory, 'hostile.js');
      const ran = join(box.directory, 'ran');
      writeFileSync(hostile, `require('node:fs').writeFileSync(${JSON.stringify(ran)}, '');`);
      writeFileSync(join(bundle.directory, 'bunfig.toml'), 'preload = ["./hostile.js"]\n[run]\npreload = ["./hostile.js"]\n');
      for (const name of ['.env', '.env.local', '.env.production', '.env.development']) {
        writeFileSync(join(bundle.directory, name), 'HOSTILE=1\nNODE_OPTIONS=--require ./hostile.js\nBUN_OPTIONS=--preload ./hostile.js\n');
      }
      writeFileSync(join(bundle.directory, 'package.json'), '{"type":"commonjs","imports":{"#*":"./hostile.js"},"main":"./hostile.js"}');
      writeFileSync(join(bundle.directory, 'tsconfig.json'), '{"compilerOptions":{"paths":{"*":["./hostile.js"]}}}');

      (await box.run(bundle, { cwd: bundle.directory })).ok();
      expect(readFileSync(seen, 'utf8')).not.toMatch(/HOSTILE|_OPTIONS/);
      expect(existsSync(ran)).toBe(false);
    },
    'runts',
  );
});
