import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';

interface Trace {
  readonly otherData: { readonly traceparent?: string; readonly child?: string };
  readonly traceEvents: readonly { name: string; ph: string; tid: number; ts: number; dur: number; args?: { pointer?: string } }[];
}

const readTrace = (file: string): Trace => JSON.parse(readFileSync(file, 'utf8'));
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function tracedBundle(box: Box) {
  return box.bundle((config) => {
    config.process.args = ['true'];
    config.hooks = {
      createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', `printf %s "$TRACEPARENT" >'${join(box.directory, 'seen')}'`] }],
    };
  });
}

describe('--trace', () => {
  clause(
    'of a command that fails it has the steps before, and names the one that failed',
    async (box) => {
      const bundle = box.bundle((config) => config.mounts.push({ destination: '/data', source: '/no/such', options: ['bind'] }));
      const file = join(box.directory, 'trace.json');
      expect((await box.runtime(['--trace', file, 'create', '--bundle', bundle.directory, bundle.id])).status).toBe(1);
      const { traceEvents } = readTrace(file);
      expect(traceEvents.filter(({ ph }) => ph === 'i')).toMatchObject([
        {
          name: 'open "/no/such"',
          cat: 'failure',
          args: { code: 'MOUNT_FAILED', errno: 'ENOENT', pointer: `/mounts/${bundle.config.mounts.length - 1}/source` },
        },
      ]);
      expect(traceEvents.some(({ name, ph }) => ph === 'X' && name === 'create')).toBe(true);
      expect(traceEvents.some(({ args, ph }) => ph === 'X' && args?.pointer === '/mounts/0')).toBe(true);
    },
    'runts',
  );

  clause(
    'run: every step of both sides of the clone, cgroups and hooks, within the time of the command',
    async (box) => {
      const bundle = tracedBundle(box);
      const file = join(box.directory, 'trace.json');
      (await box.runtime(['--trace', file, 'run', '--bundle', bundle.directory, bundle.id])).ok();
      const { traceEvents } = readTrace(file);
      const spans = traceEvents.filter(({ ph }) => ph === 'X');
      const names = spans.map(({ name }) => name);
      for (const name of [
        'load the program',
        'read the bundle',
        'plan',
        'start init',
        'write the state',
        'wait for the program',
        'remove the cgroups',
      ]) {
        expect(names.filter((other) => other === name)).toEqual([name]);
      }
      expect(names).toContain('run createRuntime hook /bin/sh');
      expect(spans.some(({ tid, name }) => tid === 1 && name.startsWith('create the cgroup '))).toBe(true);
      const pointers = spans.filter(({ tid }) => tid === 3).map(({ args }) => args?.pointer);
      for (const index of bundle.config.mounts.keys()) expect(pointers).toContain(`/mounts/${index}`);
      const verb = spans.find(({ name }) => name === 'run') ?? { ts: 0, dur: 0 };
      for (const { name, ts, dur } of spans) {
        if (name === 'load the program') continue;
        expect([name, dur >= 0 && ts >= verb.ts && ts + dur <= verb.ts + verb.dur + 1]).toEqual([name, true]);
      }
    },
    'runts',
  );

  clause(
    'RUNTS_TRACE follows no link, and overwrites nothing but a file of one’s own',
    async (box) => {
      const path = (name: string) => join(box.directory, name);
      const victim = path('victim');
      writeFileSync(victim, 'untouched');
      symlinkSync(victim, path('link'));
      symlinkSync(path('nowhere'), path('dangling'));
      linkSync(victim, path('hard-link'));
      writeFileSync(path('of-another'), 'untouched');
      chownSync(path('of-another'), 1234, 1234);
      execFileSync('mkfifo', [path('fifo')]);
      for (const name of ['link', 'dangling', 'hard-link', 'of-another', 'fifo', '.']) {
        for (const use of [{ global: ['--trace', path(name)] }, { env: { RUNTS_TRACE: path(name) } }]) {
          const result = await box.runtime(['spec', '--bundle', box.directory], use);
          expect(result.status, name).toBe(1);
          expect(result.stderr).toContain(`open ${path(name)}`);
        }
      }
      expect(readFileSync(victim, 'utf8')).toBe('untouched');
      expect(readFileSync(path('of-another'), 'utf8')).toBe('untouched');
      // A command that cannot be traced is not carried out either.
      for (const absent of ['nowhere', 'config.json']) expect(existsSync(path(absent))).toBe(false);
      // Its own file of the last time is emptied first.
      writeFileSync(path('trace.json'), 'x'.repeat(100_000));
      (await box.runtime(['--trace', path('trace.json'), 'list'])).ok();
      readTrace(path('trace.json'));
    },
    'runts',
  );

  clause(
    'RUNTS_TRACE does the same, also for a command that fails, and exec is traced too',
    async (box) => {
      const bundle = box.bundle();
      const file = join(box.directory, 'trace.json');
      (await box.runtime(['run', '--detach', '--bundle', bundle.directory, bundle.id])).ok();
      const failed = await box.runtime(['exec', bundle.id, 'no-such-program'], { env: { RUNTS_TRACE: file } });
      expect(failed.status).toBe(255);
      expect(readTrace(file).traceEvents.some(({ tid, ph }) => tid === 3 && ph === 'X')).toBe(true);
      (await box.runtime(['delete', '--force', bundle.id])).ok();
      const unwritable = await box.runtime(['--trace', join(box.directory, 'none/trace.json'), 'list']);
      expect([unwritable.status, unwritable.stderr]).toEqual([1, expect.stringContaining('no such file or directory')]);
    },
    'runts',
  );

  clause(
    'TRACEPARENT: hooks get the caller’s trace with the runtime as their parent',
    async (box) => {
      const bundle = tracedBundle(box);
      const file = join(box.directory, 'trace.json');
      const command = ['--trace', file, 'run', '--bundle', bundle.directory, bundle.id];
      (await box.runtime(command, { env: { TRACEPARENT: traceparent } })).ok();
      const seen = readFileSync(join(box.directory, 'seen'), 'utf8');
      expect(seen).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
      expect(seen).not.toBe(traceparent);
      expect(readTrace(file).otherData).toMatchObject({ traceparent, child: seen });
      for (const hook of bundle.config.hooks?.createRuntime ?? []) hook.env = ['TRACEPARENT=own'];
      bundle.write();
      (await box.runtime(command, { env: { TRACEPARENT: traceparent } })).ok();
      expect(readFileSync(join(box.directory, 'seen'), 'utf8')).toBe('own');
    },
    'runts',
  );

  clause(
    'without it nothing is written',
    async (box) => {
      const bundle = tracedBundle(box);
      (await box.run(bundle)).ok();
      expect(existsSync(join(box.directory, 'trace.json'))).toBe(false);
      expect(readFileSync(join(box.directory, 'seen'), 'utf8')).toBe('');
    },
    'runts',
  );
});
