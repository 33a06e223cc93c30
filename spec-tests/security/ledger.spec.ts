import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { type Context, create, kill, remove, start, state } from '../../src/index.ts';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { childrenOf } from '../harness/children.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import type { HookKind } from '../harness/config.ts';
import { Agent, asking } from '../harness/seccomp-agent.ts';

/** LEDGER=all has every combination of what is closed with what is inherited, and 1000 lives; else each of the one with one of the other. */
const all = process.env['LEDGER'] === 'all';
const lives = all ? 1000 : 40;
if (all) vi.setConfig({ testTimeout: 0 });

/** Every way to close some of the three standard streams. */
const closings = Array.from({ length: 8 }, (_, bits) => [0, 1, 2].filter((fd) => (bits >> fd) & 1));

/** What else the caller leaves open, in words for `probe launch`. */
const inherited: Readonly<Record<string, readonly string[]>> = {
  nothing: [],
  'a few': ['fd=3', 'fd=4', 'fd=9'],
  hundreds: Array.from({ length: 300 }, (_, index) => `fd=${index + 10}`),
  'some above the soft limit': ['fd=3', 'fd=700', 'fd=900', 'nofile=64'],
  'a pipe': ['pipe=3'],
  'a socket': ['socket=3', 'socket=77'],
  'a path': ['path=3', 'path=50'],
};

const shapes: readonly (readonly [readonly number[], string])[] = all
  ? closings.flatMap((closed) => Object.keys(inherited).map((name) => [closed, name] as const))
  : closings.map((closed, index) => [closed, Object.keys(inherited)[index % Object.keys(inherited).length] ?? ''] as const);

/** Lists its descriptors in a file that appears when it is whole. `ls` has one of its own, for the directory. */
const look = (file: string): string => `ls -l /proc/self/fd > ${file}.new; mv ${file}.new ${file}`;

async function seen(file: string): Promise<Map<number, string>> {
  await until(`${file} is there`, () => existsSync(file));
  const links = readFileSync(file, 'utf8').matchAll(/ (\d+) -> (.*)$/gm);
  return new Map([...links].flatMap(([, fd, target = '']) => (/^\/proc\/\d+\/fd$/.test(target) ? [] : [[Number(fd), target] as const])));
}

/** Exactly stdio and what was asked for; and where the caller had closed a stream, nothing of the runtime's. */
function expectLedger(found: Map<number, string>, closed: readonly number[], asked: number, what: string): void {
  const numbers = [...found.keys()].sort((a, b) => a - b);
  expect(numbers, `${what}: ${JSON.stringify([...found])}`).toEqual(Array.from({ length: 3 + asked }, (_, fd) => fd));
  // 1 is the file that is written; 0 and 2 are what was given.
  for (const fd of closed)
    if (fd !== 1) expect(found.get(fd), `${what}, ${fd}`).toMatch(/^(\/dev\/null|\/null|pipe:.*|\/dev\/(pts|console).*)$/);
}

const launched = (box: Box, closed: readonly number[], what: string, ...more: string[]): { through: string[] } => ({
  through: [box.suite.probe, 'launch', ...(inherited[what] ?? []), ...more, ...closed.map((fd) => `close=${fd}`), '--'],
});

const needs = ['runts', 'probe'] as const;

describe('the descriptors of a container', () => {
  const looking = (box: Box): Bundle =>
    box.bundle((config) => {
      config.process.args = ['sh', '-c', look('/data/fds')];
    });

  for (const verb of ['create', 'run', 'run --detach', 'terminal'] as const) {
    clause(
      `RTL-001 CVE-2024-21626 ${verb}: stdio alone, whatever the caller has closed or left open`,
      async (box) => {
        for (const [closed, what] of shapes) {
          const bundle = looking(box);
          const global = ['--log', join(box.directory, 'log')];
          const call = { global, ...launched(box, closed, what) };
          if (verb === 'terminal') {
            bundle.config.process.terminal = true;
            bundle.write();
            const socket = join(bundle.directory, 'console.sock');
            box.background([box.suite.probe, 'console', socket]);
            await until('the receiver listens', () => existsSync(socket));
            (await box.run(bundle, { options: ['--detach', '--console-socket', socket], ...call })).ok();
          } else if (verb === 'create') {
            (await box.tryCreate(bundle, call)).ok();
            (await box.runtime(['start', bundle.id])).ok();
          } else (await box.run(bundle, { options: verb === 'run' ? [] : ['--detach'], ...call })).ok();
          expectLedger(await seen(join(bundle.rootfs, 'data/fds')), closed, 0, `${what}, closed ${closed}`);
          (await box.runtime(['delete', '--force', bundle.id])).ok();
        }
      },
      ...needs,
    );
  }

  clause(
    'RTL-001 CLI-020 CLI-021 with what was asked for, and no more',
    async (box) => {
      for (const closed of all ? closings : closings.slice(0, 3)) {
        for (const [options, env, more] of [
          [['--preserve-fds', '2'], {}, []],
          [[], { LISTEN_FDS: '2' }, ['listen-pid']],
          [['--preserve-fds', '1'], { LISTEN_FDS: '1' }, ['listen-pid']],
        ] as const) {
          const bundle = looking(box);
          const global = ['--log', join(box.directory, 'log')];
          (await box.run(bundle, { options, env, global, ...launched(box, closed, 'a few', ...more) })).ok();
          expectLedger(await seen(join(bundle.rootfs, 'data/fds')), closed, 2, `${options} ${JSON.stringify(env)}, closed ${closed}`);
        }
      }
    },
    ...needs,
  );

  for (const verb of ['exec', 'exec --detach', 'exec --tty'] as const) {
    clause(
      `RTL-001 CLI-042 ${verb}: stdio alone, whatever the caller has closed or left open`,
      async (box) => {
        const container = await box.started(box.bundle());
        for (const [index, [closed, what]] of shapes.entries()) {
          const global = ['--log', join(box.directory, 'log')];
          const file = `/data/fds-${index}`;
          const socket = join(box.directory, `console-${index}`);
          const options =
            verb === 'exec' ? [] : verb === 'exec --detach' ? ['--detach'] : ['--tty', '--detach', '--console-socket', socket];
          if (verb === 'exec --tty') {
            box.background([box.suite.probe, 'console', socket]);
            await until('the receiver listens', () => existsSync(socket));
          }
          (await container.exec(['sh', '-c', look(file)], options, { global, ...launched(box, closed, what) })).ok();
          expectLedger(await seen(join(container.bundle.rootfs, file)), closed, 0, `${what}, closed ${closed}`);
        }
        (await container.delete('--force')).ok();
      },
      ...needs,
    );
  }
});

describe('the descriptor of a seccomp listener', () => {
  clause(
    'RTL-001 LNX-161 LNX-170 is the agent’s alone: container and exec have stdio and no more, whatever the caller has closed or left open',
    async (box) => {
      const agent = await new Agent(box).ready();
      const global = ['--log', join(box.directory, 'log')];
      for (const [index, [closed, what]] of shapes.entries()) {
        const bundle = box.bundle((config) => {
          config.process.args = ['sh', '-c', `${look('/data/fds')}; exec sleep 1000`];
          config.linux.seccomp = asking(agent, ['personality']);
        });
        const call = { global, ...launched(box, closed, what) };
        (await box.run(bundle, { options: ['--detach'], ...call })).ok();
        expectLedger(await seen(join(bundle.rootfs, 'data/fds')), closed, 0, `${what}, closed ${closed}`);
        (await box.runtime(['exec', bundle.id, 'sh', '-c', look('/data/fds-exec')], call)).ok();
        expectLedger(await seen(join(bundle.rootfs, 'data/fds-exec')), closed, 0, `exec, ${what}, closed ${closed}`);
        await until('the agent has both', () => agent.states().length === 2 * (index + 1));
        (await box.runtime(['delete', '--force', bundle.id])).ok();
      }
      // One message with one descriptor, for each process.
      for (const [carriers, fds] of agent.states()) expect([carriers, fds]).toEqual([1, 1]);
    },
    ...needs,
  );
});

describe('the descriptors of a hook', () => {
  clause(
    'CFG-066 RTL-001 are its three streams, whatever the caller has closed or left open',
    async (box) => {
      const kinds: readonly HookKind[] = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];
      for (const [closed, what] of shapes) {
        const bundle = box.bundle((config, made) => {
          config.hooks = {};
          for (const kind of kinds) {
            const file = kind === 'startContainer' ? `/data/${kind}` : join(made.directory, kind);
            config.hooks[kind] = [{ path: '/bin/sh', args: ['sh', '-c', look(file)], env: ['PATH=/bin:/usr/bin', ...box.marks] }];
          }
          config.process.args = ['true'];
        });
        const global = ['--log', join(box.directory, 'log')];
        (await box.run(bundle, { global, ...launched(box, closed, what) })).ok();
        for (const kind of kinds) {
          const file = kind === 'startContainer' ? join(bundle.rootfs, 'data', kind) : join(bundle.directory, kind);
          // It reads the state from 0, whatever the caller had there.
          expectLedger(
            await seen(file),
            closed.filter((fd) => fd !== 0),
            0,
            `${kind}, ${what}, closed ${closed}`,
          );
        }
      }
    },
    ...needs,
  );
});

/** What a process has that it could lose track of. */
function belongings(): { fds: string[]; threads: number; mappings: number; children: number; memory: number } {
  const fds = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      // That of the listing itself.
      return [];
    }
  });
  const threads = readdirSync('/proc/self/task');
  const mappings = readFileSync('/proc/self/maps', 'utf8').split('\n').length;
  const memory = Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  return { fds, threads: threads.length, mappings, children: childrenOf('self').length, memory };
}

describe('the library', () => {
  clause(
    `RT-059 has after ${lives} lives of containers what it had before: descriptors, threads, children, mappings, memory`,
    async (box) => {
      const context: Context = {
        root: box.stateRoot,
        rootIsDefault: false,
        cgroupDriver: 'cgroupfs',
        warn: ({ message }) => {
          throw new Error(message);
        },
        debug: () => {},
      };
      const bundle = box.bundle();
      const request = { id: bundle.id, bundle: bundle.directory, noPivot: false, noNewKeyring: false, preserveFds: 0 };
      const live = async (): Promise<void> => {
        create(context, request);
        start(context, bundle.id);
        kill(context, bundle.id, 9, false);
        await until('it has stopped', () => state(context, bundle.id).status === 'stopped');
        remove(context, bundle.id, { force: false });
      };
      for (let warm = 0; warm < 10; warm++) await live();
      const before = belongings();
      for (let life = 0; life < lives; life++) await live();
      const after = belongings();
      if (all) console.log(`${lives} lives: ${JSON.stringify({ before, after })}`);
      expect(after.fds).toEqual(before.fds);
      expect(after.threads).toBeLessThanOrEqual(before.threads);
      expect(after.children).toBeLessThanOrEqual(before.children);
      expect(after.mappings - before.mappings).toBeLessThan(200);
      // In KiB; the collector of the engine may not have come by.
      expect(after.memory - before.memory).toBeLessThan(64 * 1024);
    },
    'runts',
  );
});
