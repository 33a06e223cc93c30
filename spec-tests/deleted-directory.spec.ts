import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import type { CallOptions } from './harness/runtime-call.ts';

const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts', 'another engine than Bun');

/** A caller whose working directory is gone: a shim runs in the bundle of its pod's sandbox, and that goes with the sandbox. */
const gone = (box: Box): CallOptions => ({
  through: ['/bin/sh', '-c', 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"', join(box.directory, 'gone')],
});

describe('a caller whose working directory is gone', () => {
  clause('ENG-031 calls every command with absolute paths', async (box) => {
    const bundle = box.bundle();
    const { id } = bundle;
    const call = async (...args: string[]) => (await box.runtime(args, gone(box))).ok().stdout;
    const pidFile = join(box.directory, 'pid');
    await call('create', '--bundle', bundle.directory, '--pid-file', pidFile, id);
    await call('start', id);
    expect(JSON.parse(await call('state', id))).toMatchObject({ status: 'running' });
    expect(await call('list')).toContain(id);
    expect(await call('list', '--quiet')).toBe(`${id}\n`);
    expect(JSON.parse(await call('ps', '--format', 'json', id))).toHaveLength(1);
    expect(await call('ps', id)).toContain('sleep');
    expect(await call('exec', id, 'echo', 'inside')).toBe('inside\n');
    expect(await call('exec', '--cwd', '/tmp', id, 'pwd')).toBe('/tmp\n');
    const process = join(box.directory, 'process.json');
    writeFileSync(process, JSON.stringify({ ...bundle.config.process, args: ['pwd'], cwd: '/tmp' }));
    expect(await call('exec', '--process', process, id)).toBe('/tmp\n');
    await call('exec', '--detach', '--pid-file', pidFile, id, 'sleep', '1000');
    await call('pause', id);
    await call('resume', id);
    await call('update', '--pids-limit', '100', id);
    expect(await call('events', '--stats', id)).toContain(id);
    await call('kill', '--all', id, 'KILL');
    await call('delete', '--force', id);
    await call('delete', '--force', id);
    expect(await call('plan', bundle.directory)).toContain('execute');
    await call('validate', bundle.directory);
    await call('features');
    rmSync(join(bundle.directory, 'config.json'));
    await call('spec', '--bundle', bundle.directory);
  });

  clause('ENG-031 runs a container, whose hooks run in the bundle and in the rootfs', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['echo', 'inside'];
      const pwd = [{ path: '/bin/sh', args: ['sh', '-c', `pwd >>${join(box.directory, 'hooks')}`] }];
      config.hooks = { createRuntime: pwd, createContainer: pwd, poststart: pwd, poststop: pwd };
    });
    expect((await box.run(bundle, gone(box))).ok().stdout).toBe('inside\n');
    const { stdout } = await box.host(['cat', join(box.directory, 'hooks')]);
    const { directory, rootfs } = bundle;
    expect(stdout.trim().split('\n')).toEqual([directory, rootfs, directory, directory]);
  });

  clause('CFG-086 a container that outlives its bundle is stopped and deleted, and its hooks run', async (box) => {
    const bundle = box.bundle((config) => {
      config.hooks = { poststop: [{ path: '/bin/sh', args: ['sh', '-c', `pwd >${join(box.directory, 'hook')}`] }] };
    });
    const container = await box.started(bundle);
    renameSync(bundle.directory, join(box.directory, 'moved'));
    expect(await container.output('echo', 'inside')).toBe('inside');
    (await container.delete('--force')).ok();
    expect((await box.host(['cat', join(box.directory, 'hook')])).stdout).toBe('/\n');
  });

  clause('ENG-031 is told so when a path is relative to it', async (box) => {
    const bundle = box.bundle();
    const container = await box.started(bundle);
    for (const args of [
      ['create', box.id()],
      ['create', '--bundle', 'relative', box.id()],
      ['create', '--bundle', bundle.directory, '--pid-file', 'pid', box.id()],
      ['exec', '--process', 'process.json', container.id],
      ['plan'],
      ['spec'],
    ]) {
      const result = await box.runtime(args, gone(box));
      expect(result.status, args.join(' ')).toBe(args[0] === 'exec' ? 255 : 1);
      expect(result.stderr).toContain('getwd: the working directory is gone');
    }
  });
});
