import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import type { Config } from './harness/config.ts';

// Somebody outside who may write to the rootfs exchanges a directory of it with another one for as long as the container is made. A create
// that fails for this is right; one that succeeds has lost nothing.

const ROUNDS = 40;
const LEAST_MADE = 5;

/** What the program of each container that could be made has printed, while two names of its rootfs were being exchanged. */
async function outputs(box: Box, names: readonly [string, string], change: (config: Config, bundle: Bundle) => void): Promise<string[]> {
  const bundle = box.bundle(change);
  const [mine, other] = names.map((name) => join(bundle.rootfs, name)) as [string, string];
  for (const directory of [mine, other]) mkdirSync(directory, { recursive: true });
  box.background([join(bundle.rootfs, 'bin/probe'), 'exchange', mine, other]);
  const said: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { stdout } = await box.run(bundle);
    if (stdout.endsWith('end\n')) said.push(stdout);
  }
  expect(said.length).toBeGreaterThan(LEAST_MADE);
  return said;
}

/** Prints "ro" or "rw" for each tmpfs whose source is "mark". */
const showMark = ['sh', '-c', "sed -n 's/.* \\(r[ow]\\)[, ].* - tmpfs mark .*/\\1/p' /proc/self/mountinfo; echo end"];

describe('a rootfs whose directories are exchanged while the container is made', () => {
  clause(
    'LNX-181 LNX-182 every path that is masked or read-only in proc is so in the procfs that was mounted',
    async (box) => {
      const said = await outputs(box, ['proc', 'fake'], (config) => {
        config.linux.maskedPaths = ['/proc/keys', '/proc/timer_list'];
        config.linux.readonlyPaths = ['/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
        // From the working directory, which stays what it is.
        const look = [
          'until cd /proc && test -e self/status || cd /fake && test -e self/status; do :; done',
          'for f in keys timer_list; do test "$(stat -c %t:%T $f)" = 1:3 || echo open $f; done',
          'for f in irq/default_smp_affinity sys/kernel/printk sysrq-trigger; do (: >> $f) 2>/dev/null && echo writable $f; done',
          'echo end',
        ];
        config.process.args = ['sh', '-c', look.join('; ')];
      });
      expect(said.filter((text) => text !== 'end\n')).toEqual([]);
    },
    'probe',
    'runts',
  );

  clause(
    'CFG-015 a tmpfs with the option ro is read-only, whatever its path leads to in the end',
    async (box) => {
      const said = await outputs(box, ['data', 'fake'], (config) => {
        config.mounts.push(
          { destination: '/data', type: 'tmpfs', source: 'mark', options: ['ro'] },
          { destination: '/fake', type: 'tmpfs', source: 'other' },
        );
        config.process.args = showMark;
      });
      expect(said.filter((text) => text !== 'ro\nend\n')).toEqual([]);
    },
    'probe',
    'runts',
  );

  clause(
    'MNT-030 a remount changes the mount of the entry before, whatever its path leads to by then',
    async (box) => {
      const said = await outputs(box, ['data', 'fake'], (config) => {
        config.mounts.push(
          { destination: '/data', type: 'tmpfs', source: 'mark' },
          { destination: '/fake', type: 'tmpfs', source: 'other' },
          { destination: '/data', type: 'tmpfs', source: 'mark', options: ['remount', 'ro', 'size=64k'] },
        );
        config.process.args = showMark;
      });
      expect(said.filter((text) => text !== 'ro\nend\n')).toEqual([]);
    },
    'probe',
    'runts',
  );
});
