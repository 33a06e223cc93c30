import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Running, until } from './harness/command.ts';
import type { Self } from './harness/probe.ts';

/** A receiver of harness/receive.py, and what it has printed. */
async function receiver(box: Box, mode: string, path: string, ...more: string[]): Promise<Running> {
  const running = box.background(['/usr/bin/python3', join(import.meta.dirname, 'harness/receive.py'), mode, path, ...more]);
  await until('the receiver listens', () => running.output().includes('listening'));
  return running;
}

/** Says what it is told, a word on the host each time the file appears. */
const sayWhenTold = 'while [ ! -e /data/go ]; do sleep 0.05; done; probe notify "STATUS=starting"; probe notify "READY=1"; exec sleep 1000';

describe('sockets and descriptors of the caller', () => {
  clause('CLI-020 CLI-057 fewer preserved descriptors than none are none', async (box) => {
    const container = await box.started(box.bundle(), { options: ['--preserve-fds=-1'] });
    expect((await container.exec(['true'], ['--preserve-fds=-7'])).status).toBe(0);
  });

  clause(
    'CLI-020 CLI-057 a preserved descriptor that the caller did not open is an error',
    async (box) => {
      const container = await box.started(box.bundle());
      for (const count of ['1', '2', '3', '9']) {
        const created = await box.tryCreate(box.bundle(), { options: ['--preserve-fds', count] });
        expect(created.status).toBe(1);
        expect(created.stderr).toMatch(/unable to stat preserved-fd 0 \(of \d\)/);
        expect((await container.exec(['true'], ['--preserve-fds', count])).status).toBe(255);
      }
      const through = [box.suite.probe, 'launch', 'fd=3', '--'];
      const created = await box.tryCreate(box.bundle(), { options: ['--preserve-fds', '2'], through });
      expect(created.stderr).toMatch(/unable to stat preserved-fd 1 \(of 2\)/);
      expect(readdirSync(box.stateRoot)).toEqual([container.id]);
    },
    'probe',
    'runts',
  );

  clause(
    'CLI-057 exec passes preserved descriptors',
    async (box) => {
      const container = await box.started(box.bundle());
      const through = [box.suite.probe, 'launch', 'pipe=3', 'pipe=4', 'fd=5', '--'];
      const result = await container.exec(['sh', '-c', 'cat <&3; cat <&4; probe self'], ['--preserve-fds', '2'], { through });
      expect(result.ok().stdout).toMatch(/^pipe 3\npipe 4\n/);
      expect((JSON.parse(result.stdout.split('\n')[2] ?? '') as Self).fds).toEqual([0, 1, 2, 3, 4]);
    },
    'probe',
  );

  clause(
    'CLI-021 sockets come before preserved descriptors; a promise that is not kept is an error',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'cat <&3; cat <&4; probe self'];
      });
      const options = ['--preserve-fds', '1'];
      const through = [box.suite.probe, 'launch', 'pipe=3', 'pipe=4', 'listen-pid', '--'];
      const result = (await box.run(bundle, { options, through, env: { LISTEN_FDS: '1' } })).ok();
      const seen = JSON.parse(result.stdout.split('\n')[2] ?? '') as Self;
      expect(seen.fds).toEqual([0, 1, 2, 3, 4]);
      expect(seen.env).toContain('LISTEN_FDS=1');
      const failed = await box.run(box.bundle(), { options, through, env: { LISTEN_FDS: '2' } });
      expect(failed.stderr).toMatch(/unable to stat preserved-fd 0 \(of 1\)/);
    },
    'probe',
    'runts',
  );

  clause(
    'CLI-021 LISTEN_FDS for another process is ignored',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      const through = [box.suite.probe, 'launch', 'pipe=3', '--'];
      const seen = (await box.run(bundle, { through, env: { LISTEN_FDS: '1', LISTEN_PID: '1' } })).ok().json<Self>();
      expect(seen.fds).toEqual([0, 1, 2]);
      expect(seen.env.join()).not.toContain('LISTEN_');
    },
    'probe',
  );

  clause(
    'CLI-016 CLI-045 the pidfd socket gets a pidfd of the process',
    async (box) => {
      const socket = join(box.directory, 'pidfd.sock');
      const first = await receiver(box, 'pidfd', socket);
      const container = await box.started(box.bundle(), { options: ['--pidfd-socket', socket] });
      expect((await first.exited).stdout).toContain(`"pids": [${container.pid}], "closed": true`);
      const second = join(box.directory, 'second.sock');
      const receiving = await receiver(box, 'pidfd', second);
      const pidFile = join(box.directory, 'exec.pid');
      (await container.exec(['sleep', '1000'], ['--detach', '--pidfd-socket', second, '--pid-file', pidFile])).ok();
      expect((await receiving.exited).stdout).toContain(`"pids": [${readFileSync(pidFile, 'utf8')}]`);
    },
    'runts',
  );
});

describe('readiness', () => {
  clause(
    'CLI-022 start passes READY=1 on with MAINPID and a barrier, and returns only then',
    async (box) => {
      const socket = join(box.directory, 'notify.sock');
      const manager = await receiver(box, 'datagram', socket, '0.3');
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', sayWhenTold];
      });
      const env = { NOTIFY_SOCKET: socket };
      const container = await box.create(bundle, { env });
      const starting = box.launch(['start', bundle.id], { env });
      await container.reaches('running');
      bundle.put('/data/go', '');
      const result = (await starting.exited).ok();
      expect(result.stdout + result.stderr).toBe('');
      const said = manager.output().trim().split('\n').slice(1);
      expect(said.map((line) => JSON.parse(line) as object)).toEqual([
        { text: 'READY=1', fds: 0 },
        { text: `MAINPID=${container.pid}`, fds: 0 },
        { text: 'BARRIER=1', fds: 1 },
        { barrier: 'passed' },
      ]);
    },
    'probe',
    'runts',
  );

  clause(
    'CLI-022 run passes READY=1 on, detached and in the foreground, to abstract sockets too',
    async (box) => {
      for (const options of [[], ['--detach']]) {
        const socket = `@${box.suite.tag}-notify${options.length}`;
        const manager = await receiver(box, 'datagram', socket);
        const bundle = box.bundle((config) => {
          config.process.args = ['sh', '-c', sayWhenTold];
        });
        bundle.put('/data/go', '');
        const running = box.launch(['run', '--bundle', bundle.directory, ...options, bundle.id], { env: { NOTIFY_SOCKET: socket } });
        await until('READY=1', () => manager.output().includes('barrier'));
        if (options.length > 0) (await running.exited).ok();
        (await box.runtime(['delete', '--force', bundle.id])).ok();
      }
    },
    'probe',
    'runts',
  );

  clause(
    'CLI-022 start returns when the container ends without being ready',
    async (box) => {
      const env = { NOTIFY_SOCKET: join(box.directory, 'nobody.sock') };
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'ls -ld /run/notify; echo x > /run/notify/x || echo "read-only"; echo $NOTIFY_SOCKET'];
      });
      const container = await box.create(bundle, { env });
      (await box.runtime(['start', bundle.id], { env })).ok();
      await container.reaches('stopped');
      expect(container.stdout).toMatch(/^drwxr-xr-x[\s\S]*read-only\n\/run\/notify\/notify.sock\n$/);
    },
    'probe',
    'runts',
  );
});
