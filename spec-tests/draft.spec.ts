import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { set } from './harness/config.ts';

/** Executes the runtime, then prints what is left of its stdin. */
const thenRest = ['sh', '-c', '"$@" >&2 || exit; cat', 'sh'];

async function restOfInput(box: Box, ...args: string[]): Promise<string> {
  return (await box.runtime(args, { through: thenRest, input: 'not for you\n' })).ok().stdout;
}

describe('the draft of a command line', () => {
  clause('DRAFT-001 DRAFT-002 global options, a command, its options and arguments; commands start without a hyphen', async (box) => {
    const bundle = box.bundle();
    (await box.runtime(['create', '--bundle', bundle.directory, bundle.id], { global: ['--log-format', 'json'] })).ok();
    for (const [command, ...rest] of [['state'], ['start'], ['kill', 'KILL']] as const) {
      (await box.runtime([command, bundle.id, ...rest], { global: ['--log-format', 'json'] })).ok();
      expect((await box.runtime([`--${command}`, bundle.id, ...rest])).status).not.toBe(0);
    }
    await until('it is stopped', async () => (await box.runtime(['state', bundle.id])).stdout.includes('stopped'));
    (await box.runtime(['delete', bundle.id], { global: ['--log-format', 'json'] })).ok();
  });

  clause('DRAFT-005 create has status 0 exactly when there is a container', async (box) => {
    const good = box.bundle();
    expect((await box.tryCreate(good)).status).toBe(0);
    expect((await box.runtime(['state', good.id])).status).toBe(0);
    const bad = box.bundle((config) => set(config, '/root/path', 'nowhere'));
    expect((await box.tryCreate(bad)).status).not.toBe(0);
    expect((await box.runtime(['state', bad.id])).status).not.toBe(0);
  });

  clause(
    'DRAFT-009 create with a terminal does not read stdin',
    async (box) => {
      const socket = `${box.directory}/console.sock`;
      box.background([box.suite.probe, 'console', socket]);
      await until('the receiver listens', async () => (await box.host(['test', '-S', socket])).status === 0);
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
      });
      const rest = await restOfInput(box, 'create', '--bundle', bundle.directory, '--console-socket', socket, bundle.id);
      expect(rest).toBe('not for you\n');
    },
    'probe',
  );

  // The draft has the number of a descriptor here; its row of docs/requirements.md names the conflict and decides for runc's path.
  clause(
    'DRAFT-007 --console-socket follows runc: a number is the name of a socket too, never a descriptor',
    async (box) => {
      const bundle = box.bundle((config) => {
        config.process.terminal = true;
      });
      const { directory } = bundle;
      const receiver = box.background([box.suite.probe, 'console', `${directory}/3`]);
      await until('the receiver listens', async () => (await box.host(['test', '-S', `${directory}/3`])).status === 0);
      const withDescriptor = ['sh', '-c', 'exec 3> descriptor; exec "$@"', 'sh'];
      await box.create(bundle, { options: ['--console-socket', '3'], through: withDescriptor, cwd: directory });
      await until('the terminal is received', () => /^\{"name".*"fds":1,.*\}$/m.test(receiver.output()));
      expect(readFileSync(`${directory}/descriptor`, 'utf8')).toBe('');
    },
    'probe',
  );

  clause('DRAFT-010 to DRAFT-012 create without a terminal passes stdin, stdout and stderr on and leaves nothing on them', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['sh', '-c', 'cat; echo problems >&2'];
      }),
      { input: 'given\n' },
    );
    await container.reaches('stopped');
    expect(container.stdout).toBe('given\n');
    expect(container.stderr).toBe('problems\n');
  });

  clause('DRAFT-014 start has status 0 when it has started, and does not read stdin', async (box) => {
    const container = await box.create(box.bundle());
    expect(await restOfInput(box, 'start', container.id)).toBe('not for you\n');
    expect(await container.status()).toBe('running');
    expect((await box.runtime(['start', container.id])).status).not.toBe(0);
  });

  clause('DRAFT-015 DRAFT-004 state prints UTF-8 JSON on stdout and does not read stdin', async (box) => {
    const container = await box.create(
      box.bundle((config) => {
        config.annotations = { name: 'Grüße, 世界' };
      }),
    );
    const result = await box.runtime(['state', container.id]);
    expect(result.json()).toMatchObject({ id: container.id, annotations: { name: 'Grüße, 世界' } });
    expect(result.stderr).toBe('');
    expect(await restOfInput(box, 'state', container.id)).toBe('not for you\n');
  });

  clause(
    'DRAFT-016 kill sends TERM by default, and takes the signal as --signal or as second argument',
    async (box) => {
      const container = await box.started(
        box.bundle((config) => {
          config.process.args = ['probe', 'signals'];
        }),
      );
      await container.prints(/ready/);
      (await box.runtime(['kill', container.id, '--signal', 'USR1'])).ok();
      await container.prints(/signal 10/);
      // It ends with this one.
      (await box.runtime(['kill', container.id])).ok();
      await container.prints(/signal 15/);
      await container.reaches('stopped');
      const other = await box.started(box.bundle());
      (await box.runtime(['kill', '--signal', 'KILL', other.id])).ok();
      await other.reaches('stopped');
      const third = await box.started(box.bundle());
      (await box.runtime(['kill', third.id, 'KILL'])).ok();
      await third.reaches('stopped');
    },
    'probe',
    'runts',
  );

  clause('DRAFT-017 delete has status 0 exactly when the container has gone', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.process.args = ['sleep', '1000'];
      }),
    );
    expect((await container.delete()).status).not.toBe(0);
    (await container.kill('KILL')).ok();
    await container.reaches('stopped');
    expect((await container.delete()).status).toBe(0);
    expect((await box.runtime(['state', container.id])).status).not.toBe(0);
  });
});
