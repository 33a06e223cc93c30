import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Canary } from '../harness/canary.ts';
import type { Result } from '../harness/command.ts';
import { type Config, dropNamespace } from '../harness/config.ts';
import { attack } from '../harness/confinement.ts';
import type { Self } from '../harness/probe.ts';

/** Numbers that a runtime may have for descriptors of the host; SECURITY_LONG=1 looks at more. */
const last = process.env['SECURITY_LONG'] === '1' ? 63 : 8;
const numbers = Array.from({ length: last - 2 }, (_, index) => index + 3);

/** Reads the secret from wherever it has got to, upwards. */
const look = (canary: Canary): string[] => ['sh', '-c', `cat ../../../../../../../../../..${canary.path('secret')} 2>&1; echo end`];

/** Whether the secret was read, for each of the directories. */
async function found(directories: readonly string[], canary: Canary, enter: (cwd: string) => Promise<Result>): Promise<string[]> {
  const read: string[] = [];
  for (const cwd of directories) if ((await enter(cwd)).stdout.includes(canary.secret)) read.push(cwd);
  return read;
}

describe('a working directory that is a descriptor of the runtime', () => {
  const runIn = (box: Box, canary: Canary) => (cwd: string) =>
    box.run(
      box.bundle((config) => {
        config.process.cwd = cwd;
        config.process.args = look(canary);
      }),
    );

  attack('CVE-2024-21626 run does not start in it', async (box, canary) => {
    const directories = numbers.map((number) => `/proc/self/fd/${number}`);
    expect(await found(directories, canary, runIn(box, canary))).toEqual([]);
  });

  attack('CVE-2024-21626 nor in one that the caller has left open', async (box, canary) => {
    const bundle = box.bundle((config) => {
      config.process.cwd = '/proc/self/fd/3';
      config.process.args = look(canary);
    });
    for (const options of [[], ['--preserve-fds', '1']]) {
      const { stdout } = await box.run(bundle, { options, through: [box.suite.probe, 'launch', 'fd=3', '--'] });
      expect(stdout).not.toContain(canary.secret);
    }
  });

  attack('CVE-2024-21626 nor by another name of it, or a link of the image', async (box, canary) => {
    const enter = (cwd: string) =>
      box.run(
        box.bundle((config, made) => {
          symlinkSync(cwd, join(made.rootfs, 'work'));
          config.process.cwd = '/work';
          config.process.args = look(canary);
        }),
      );
    // What was told to succeed with runc: the number of the directory of cgroups.
    const directories = [7, 8, 9].flatMap((number) => [`/proc/self/fd/${number}`, `/proc/1/fd/${number}`]);
    expect(await found([...directories, '/proc/self/cwd'], canary, enter)).toEqual([]);
  });

  attack('CVE-2024-21626 exec does not start in it', async (box, canary) => {
    const container = await box.started(
      box.bundle((_, made) => {
        symlinkSync('/proc/self/fd/8', join(made.rootfs, 'work'));
      }),
    );
    const directories = [...numbers.map((number) => `/proc/self/fd/${number}`), '/proc/self/cwd', '/work'];
    expect(await found(directories, canary, (cwd) => container.exec(look(canary), ['--cwd', cwd]))).toEqual([]);
  });

  attack('CVE-2024-21626 no program is reached through one', async (box, canary) => {
    const path = (number: number) => `/proc/self/fd/${number}/../../../../../../../..${join(canary.directory, '..')}/outside`;
    await box.host(['cp', join(box.suite.directory, 'programs/busybox'), join(box.directory, 'outside')]);
    const container = await box.started(box.bundle());
    const ran: number[] = [];
    for (const number of numbers) if ((await container.exec([path(number), 'true'])).status === 0) ran.push(number);
    expect(ran).toEqual([]);
  });
});

describe('descriptors of the runtime in the container', () => {
  attack('CVE-2024-21626 CVE-2016-9962 the program has none but its own, with run and with exec', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['probe', 'self'];
    });
    expect((await box.run(bundle)).ok().json<Self>().fds).toEqual([0, 1, 2]);
    const container = await box.started(box.bundle());
    expect((await container.exec(['probe', 'self'])).ok().json<Self>().fds).toEqual([0, 1, 2]);
  });

  attack('runc#5474 --preserve-fds with fewer descriptors than it says passes none of the runtime', async (box) => {
    const script = 'for f in /proc/self/fd/*; do readlink $f; done';
    const bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', script];
    });
    const container = await box.started(box.bundle());
    const results = [
      await box.run(bundle, { options: ['--preserve-fds', '12'] }),
      await container.exec(['sh', '-c', script], ['--preserve-fds', '12']),
    ];
    // Besides its standard streams: what the shell has open for the loop.
    for (const { stdout } of results) {
      const foreign = stdout
        .split('\n')
        .filter((line) => line !== '' && !/^\/dev\/null$|\/call-\d+\.(out|err|in)$|^\/proc\/\d+\/fd$/.test(line));
      expect(foreign).toEqual([]);
    }
  });

  attack(
    'CVE-2016-9962 CVE-2019-5736 a container in the host’s pid namespace reaches nothing through the process that waits for start',
    async (box, canary) => {
      const onlooker = await box.started(box.bundle((config: Config) => dropNamespace(config, 'pid')));
      const waiting = await box.create(box.bundle());
      const script = [
        `for f in /proc/${waiting.pid}/fd/* /proc/${waiting.pid}/cwd; do cat $f/../../../../../../../../..${canary.path('secret')}; done`,
        `(: >>/proc/${waiting.pid}/exe) && echo written`,
      ].join('; ');
      const { stdout } = await onlooker.exec(['sh', '-c', `${script}; echo end`]);
      expect(stdout).toBe('end\n');
    },
  );
});
