import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import type { CallOptions } from './harness/runtime-call.ts';
import { makeDirectory } from './harness/syscalls.ts';

const denied = '1\n';

/** Calls with a /run of the test's own, where the filters are kept. */
function ownRun(box: Box, ...global: string[]): CallOptions {
  mkdirSync(join(box.directory, 'run'), { recursive: true });
  return { through: ['unshare', '--mount', 'sh', '-c', `mount --bind ${box.directory}/run /run && exec "$@"`, 'sh'], global };
}

/** A container that prints the errno of a mkdirat(2) that its filter refuses. */
function bundleOf(box: Box): Bundle {
  return box.bundle((config) => {
    config.process.args = ['probe', 'syscall', ...makeDirectory.map(String)];
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdirat', 'no_such_call'], action: 'SCMP_ACT_ERRNO' }],
    };
  });
}

function cacheOf(box: Box): { directory: string; file: string } {
  const directory = join(box.directory, 'run/runts~seccomp');
  const [name, ...others] = readdirSync(directory);
  expect(others).toEqual([]);
  return { directory, file: join(directory, name ?? '') };
}

/** Makes the kept program one that refuses nothing: whoever uses it shows it. */
function tamper(file: string): void {
  const kept = readFileSync(file);
  const entry = JSON.parse(kept.subarray(4, 4 + kept.readUInt32LE(0)).toString()) as { size: number };
  const returnAllow = Buffer.from('060000000000ff7f', 'hex');
  const head = Buffer.from(JSON.stringify({ ...entry, size: returnAllow.length }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  writeFileSync(file, Buffer.concat([length, head, returnAllow]));
}

describe('seccomp: compiled filters are kept', () => {
  clause(
    'a second container gets the kept filter, and the same warnings',
    async (box) => {
      const bundle = bundleOf(box);
      const first = (await box.run(bundle, ownRun(box, '--log-level', 'warning'))).ok();
      const { directory, file } = cacheOf(box);
      expect(statSync(directory).mode & 0o7777).toBe(0o700);
      expect(statSync(file).mode & 0o7777).toBe(0o600);
      tamper(file);
      const second = (await box.run(bundle, ownRun(box, '--log-level', 'warning'))).ok();
      expect([first.stdout, second.stdout]).toEqual([denied, '0\n']);
      expect(first.stderr).toContain('no_such_call');
      expect(second.stderr).toContain('no_such_call');
      expect((await box.runtime(['list', '--quiet'])).ok().stdout).toBe('');
    },
    'probe',
    'runts',
  );

  const unsafe: Record<string, (directory: string, file: string) => void> = {
    'a file that others may write': (_, file) => chmodSync(file, 0o622),
    'a file of another user': (_, file) => chownSync(file, 1000, 0),
    'a directory that others may write': (directory) => chmodSync(directory, 0o777),
    'a directory of another user': (directory) => chownSync(directory, 1000, 0),
    'a symlink': (directory, file) => {
      writeFileSync(join(directory, '../target'), readFileSync(file), { mode: 0o600 });
      unlinkSync(file);
      symlinkSync('../target', file);
    },
    'another profile': (_, file) => writeFileSync(file, readFileSync(file, 'latin1').replace('no_such_call', 'no_such_name'), 'latin1'),
    'half a file': (_, file) => writeFileSync(file, readFileSync(file).subarray(0, 100)),
  };
  for (const [title, change] of Object.entries(unsafe)) {
    clause(
      `${title} is not used`,
      async (box) => {
        const bundle = bundleOf(box);
        (await box.run(bundle, ownRun(box))).ok();
        const { directory, file } = cacheOf(box);
        tamper(file);
        change(directory, file);
        expect((await box.run(bundle, ownRun(box))).ok().stdout).toBe(denied);
        if (title === 'a symlink') unlinkSync(join(box.directory, 'run/target'));
      },
      'probe',
      'runts',
    );
  }
});
