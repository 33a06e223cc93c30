import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { clause } from '../harness/clause.ts';
import type { Result } from '../harness/command.ts';
import type { Self } from '../harness/probe.ts';

// Resource limits of whoever calls: what the runtime makes of them, and what the container gets.

const prlimit = '/usr/bin/prlimit';

function limited(...limits: readonly string[]) {
  return { through: [prlimit, ...limits.map((limit) => `--${limit}`), '--'] };
}

function bundleOf(box: Box, rlimits?: { type: string; soft: number; hard: number }[]): Bundle {
  return box.bundle((config) => {
    config.process.args = ['probe', 'self'];
    if (rlimits !== undefined) config.process.rlimits = rlimits;
  });
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

/** Limits from what suffices for nothing to what suffices for a container, and what an error may say of them. */
const scarcities: Readonly<Record<string, { readonly values: readonly number[]; readonly says: RegExp }>> = {
  nofile: { values: [...range(3, 12, 1), 16, 20, 24, 30], says: /too many open files/ },
  fsize: { values: [0, 1, 1000, 30_000, 60_000, 120_000, 10_000_000], says: /file too large/ },
  as: { values: range(500_000, 12_500_000, 1_500_000), says: /out of memory|cannot allocate memory/ },
  data: { values: range(0, 9_000_000, 1_500_000), says: /out of memory|cannot allocate memory/ },
  stack: { values: [0, 4096, 16_384, 65_536, 262_144], says: /argument list too long|cannot allocate memory/ },
  nproc: { values: [0, 1], says: /resource temporarily unavailable/ },
};

/** With its words through a pipe: RLIMIT_FSIZE holds for the file that they are kept in. */
const piped = (limit: string) => ({
  through: ['/bin/bash', '-c', 'set -o pipefail; "$@" 2>&1 | cat >&2', 'bash', ...limited(limit).through],
});

/** A kernel that cannot even map the executable ends it by a signal. */
const isKilled = ({ status }: Result): boolean => status === null || status > 128;

describe('limits of the caller', () => {
  for (const [name, { values, says }] of Object.entries(scarcities)) {
    clause(
      `SEC-003 ${name}: a container is made, or an error says what was lacking and nothing is left`,
      async (box) => {
        let made = 0;
        for (const value of values) {
          const bundle = box.bundle((config) => {
            config.process.args = ['true'];
          });
          const result = await box.run(bundle, piped(`${name}=${value}:${value}`));
          if (result.status === 0) made++;
          else if (!isKilled(result)) expect({ value, said: result.stderr }).toEqual({ value, said: expect.stringMatching(says) });
          // Who cannot open a directory cannot empty it either, and says so.
          if (name === 'nofile' && result.stderr.includes('cleaning up')) box.sweep();
          expect({ value, left: box.leftovers() }).toEqual({ value, left: [] });
        }
        expect(made).toBeGreaterThan(0);
      },
      'runts',
      // Node and a dynamic linker need more than is given here.
      'a static executable',
      'another engine than Bun',
      prlimit,
      'probe',
    );
  }

  clause(
    'SEC-003 CFG-034 the configuration’s limits are the container’s, and those of exec, whatever the caller’s are',
    async (box) => {
      const rlimits = ['NOFILE', 'NPROC', 'STACK', 'FSIZE', 'CORE', 'MEMLOCK', 'AS'].map((name, index) => ({
        type: `RLIMIT_${name}`,
        soft: 100_000_000 + index,
        hard: 200_000_000 + index,
      }));
      rlimits[0] = { type: 'RLIMIT_NOFILE', soft: 1000, hard: 2000 };
      const expected = Object.fromEntries(rlimits.map(({ type, soft, hard }) => [type, [String(soft), String(hard)]]));
      const low = limited('nofile=64:64', 'nproc=500:500', 'stack=1000000:1000000', 'fsize=9000000:9000000', 'core=0:0', 'memlock=0:0');
      expect((await box.run(bundleOf(box, rlimits), low)).ok().json<Self>().rlimits).toMatchObject(expected);
      const container = await box.started(
        box.bundle((config) => {
          config.process.rlimits = rlimits;
        }),
        low,
      );
      expect((await container.exec(['probe', 'self'], [], low)).ok().json<Self>().rlimits).toMatchObject(expected);
    },
    'CAP_SYS_RESOURCE',
    prlimit,
    'probe',
  );

  clause(
    'SEC-003 RT-037 what the configuration says nothing of is the caller’s, and the descriptors that the runtime needs are not counted into it',
    async (box) => {
      const low = limited(
        'nofile=64:640',
        'nproc=500:600',
        'stack=1000000:2000000',
        'fsize=9000000:9000001',
        'core=0:77',
        'memlock=4096:8192',
      );
      expect((await box.run(bundleOf(box), low)).ok().json<Self>().rlimits).toMatchObject({
        RLIMIT_NOFILE: ['64', '640'],
        RLIMIT_NPROC: ['500', '600'],
        RLIMIT_STACK: ['1000000', '2000000'],
        RLIMIT_FSIZE: ['9000000', '9000001'],
        RLIMIT_CORE: ['0', '77'],
        RLIMIT_MEMLOCK: ['4096', '8192'],
      });
    },
    'runts',
    'a static executable',
    'another engine than Bun',
    prlimit,
    'probe',
  );
});
