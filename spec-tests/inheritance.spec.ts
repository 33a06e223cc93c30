import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { withUserNamespace } from './harness/config.ts';
import { type Self, self } from './harness/probe.ts';

describe('what the program inherits', () => {
  clause(
    'RTL-001 the program has fds 0, 1 and 2 only',
    async (box) => {
      expect((await self(box)).fds).toEqual([0, 1, 2]);
      expect((await self(box, withUserNamespace)).fds).toEqual([0, 1, 2]);
    },
    'probe',
  );

  clause(
    'RTL-001 descriptors the caller leaks into the runtime do not arrive',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      const through = [box.suite.probe, 'launch', 'fd=3', 'fd=9', 'fd=200', '--'];
      expect((await box.run(bundle, { through })).ok().json()).toMatchObject({ fds: [0, 1, 2] });
      const container = await box.started(box.bundle());
      const result = await container.exec(['probe', 'self'], [], { through });
      expect(result.ok().json()).toMatchObject({ fds: [0, 1, 2] });
    },
    'probe',
  );

  clause(
    'CLI-020 --preserve-fds passes the descriptors from 3 on',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['sh', '-c', 'cat <&3; cat <&4; probe self'];
      });
      const through = [box.suite.probe, 'launch', 'pipe=3', 'pipe=4', 'fd=5', '--'];
      const result = (await box.run(bundle, { options: ['--preserve-fds', '2'], through })).ok();
      expect(result.stdout).toMatch(/^pipe 3\npipe 4\n/);
      expect((JSON.parse(result.stdout.split('\n')[2] ?? '') as Self).fds).toEqual([0, 1, 2, 3, 4]);
    },
    'probe',
  );

  clause(
    'CLI-021 DRAFT-013 RTL-002 LISTEN_FDS passes sockets with LISTEN_PID 1',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      const through = [box.suite.probe, 'launch', 'pipe=3', 'listen-pid', '--'];
      const seen = (await box.run(bundle, { through, env: { LISTEN_FDS: '1' } })).ok().json<Self>();
      expect(seen.fds).toEqual([0, 1, 2, 3]);
      expect(seen.env).toContain('LISTEN_FDS=1');
      expect(seen.env).toContain('LISTEN_PID=1');
    },
    'probe',
  );

  clause(
    'CFG-029 signals are neither blocked nor ignored',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      expect((await box.run(bundle)).ok().json()).toMatchObject({ blocked: [], ignored: [] });
    },
    'probe',
  );

  clause(
    'CFG-029 signals the caller blocks or ignores are reset',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      const result = await box.run(bundle, { through: [box.suite.probe, 'launch', 'ignore=10', 'block=12', '--'] });
      expect(result.ok().json()).toMatchObject({ blocked: [], ignored: [] });
    },
    'probe',
  );

  clause(
    'ENG-029 a session keyring of its own, named after the container',
    async (box) => {
      const seen = await self(box);
      expect(seen.keyring).toMatch(/;_ses\.\S+$|;runtspec\S+$/);
    },
    'probe',
  );

  clause(
    'ENG-029 exec has a session keyring of its own too',
    async (box) => {
      const container = await box.started(box.bundle());
      const keyring = async () => (await container.exec(['probe', 'self'])).ok().json<Self>().keyring;
      const [first, second] = [await keyring(), await keyring()];
      for (const name of [first, second]) expect(name).toMatch(/;_ses\.\S+$/);
      expect(first).not.toBe(second);
    },
    'probe',
    'runts',
  );

  clause(
    'CLI-019 exec keeps the caller’s session keyring in a container with --no-new-keyring',
    async (box) => {
      const own = JSON.parse((await box.host([box.suite.probe, 'self'])).stdout) as Self;
      const container = await box.started(box.bundle(), { options: ['--no-new-keyring'] });
      const seen = (await container.exec(['probe', 'self'])).ok().json<Self>();
      expect(seen.keyring.split(';').at(-1)).toBe(own.keyring.split(';').at(-1));
    },
    'probe',
  );

  clause(
    'CLI-019 --no-new-keyring keeps the caller’s session keyring',
    async (box) => {
      const own = JSON.parse((await box.host([box.suite.probe, 'self'])).stdout) as Self;
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'self'];
      });
      const seen = (await box.run(bundle, { options: ['--no-new-keyring'] })).ok().json<Self>();
      expect(seen.keyring.split(';').at(-1)).toBe(own.keyring.split(';').at(-1));
    },
    'probe',
  );

  clause(
    'ENG-007 no parent death signal reaches the program',
    async (box) => {
      expect((await self(box)).pdeathsig).toBe(0);
    },
    'probe',
  );

  clause(
    'GEN-001 the program is the leader of a session of its own',
    async (box) => {
      const seen = await self(box);
      expect([seen.pid, seen.sid, seen.pgid]).toEqual([1, 1, 1]);
    },
    'probe',
  );

  clause(
    'GEN-001 the program is dumpable',
    async (box) => {
      expect((await self(box)).dumpable).toBe(1);
    },
    'probe',
  );
});
