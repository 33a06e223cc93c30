import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';

/** Calls the runtime with redirections of a shell. */
const redirected = (redirections: string) => ({ through: ['sh', '-c', `exec "$@" ${redirections}`, 'sh'] });

const closings: readonly (readonly [string, readonly number[]])[] = [
  ['<&-', [0]],
  ['>&-', [1]],
  ['2>&-', [2]],
  ['<&- >&- 2>&-', [0, 1, 2]],
];

describe('standard streams that the caller has closed', () => {
  clause('RTL-001 they are the null device for the program, and nothing of the runtime', async (box) => {
    // Reports what lies at 0, 1 and 2, in a file of the rootfs that appears when it is whole.
    const look = 'exec 3>/data/new; for n in 0 1 2; do echo $(readlink /proc/$$/fd/$n) >&3; done; mv /data/new /data/streams';
    const found = async (rootfs: string): Promise<string[]> => {
      const file = join(rootfs, 'data/streams');
      await until('the program has looked', () => existsSync(file));
      return readFileSync(file, 'utf8').trim().split('\n');
    };
    const global = ['--log', join(box.directory, 'log')];
    for (const [redirections, streams] of closings) {
      const nothing = (names: readonly string[]) => {
        // A pipe of the runtime, at whose other side is nothing, will do.
        for (const stream of streams) expect(names[stream], `${stream} of ${redirections}`).toMatch(/^(\/dev\/null|\/null|pipe:.*)$/);
      };
      for (const options of [[], ['--detach']]) {
        const bundle = box.bundle((config) => {
          config.process.args = ['sh', '-c', `${look}; true`];
        });
        (await box.run(bundle, { options, global, ...redirected(redirections) })).ok();
        nothing(await found(bundle.rootfs));
      }
      const container = await box.started(box.bundle());
      (await container.exec(['sh', '-c', look], [], { global, ...redirected(redirections) })).ok();
      nothing(await found(container.bundle.rootfs));
    }
  });

  clause('RTL-001 state without stdout has status 0, and does not write elsewhere', async (box) => {
    const container = await box.create(box.bundle());
    const log = join(box.directory, 'log');
    const result = await box.runtime(['state', container.id], { global: ['--log', log], ...redirected('<&- >&- 2>&-') });
    expect(result.status).toBe(0);
    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe('');
  });
});
