import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';
import { readRecording, recordedConfigs } from './harness/recordings.ts';

const errorLines = (text: string): string[] => [...text.matchAll(/^error: (.*)$/gm)].map(([, message = '']) => message);

describe('plan, validate', () => {
  clause(
    'RUN-001 plan prints the steps and does nothing',
    async (box) => {
      const bundle = box.bundle();
      const text = (await box.runtime(['plan', bundle.directory])).ok().stdout;
      expect(text).toMatch(/\/mounts\/0/);
      expect(text).toMatch(/\/dev\/pts/);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'RUN-002 plan --format json is a list of steps with stage and action',
    async (box) => {
      const plan = (await box.runtime(['plan', '--format', 'json', box.bundle().directory])).ok().json<unknown>();
      expect(JSON.stringify(plan)).toMatch(/"op":"root.pivot"/);
    },
    'runts',
  );

  clause(
    'RUN-001 plan answers as create does: without cgroups, and for systemd where there is none',
    async (box) => {
      const bundle = box.bundle((config) => set(config, '/linux/resources', { pids: { limit: 10 } }));
      const plain = box.bundle();
      for (const [directory, driver] of [
        [bundle.directory, 'disabled'],
        [plain.directory, 'disabled'],
        ...(existsSync('/run/systemd/system') ? [] : [[plain.directory, 'systemd'] as const]),
      ] as const) {
        const global = ['--cgroup-manager', driver];
        const planned = await box.runtime(['plan', directory], { global });
        const created = await box.runtime(['create', '--bundle', directory, plain.id], { global });
        expect(planned.status).toBe(created.status);
        if (created.status !== 0) {
          expect(errorLines(planned.stderr)).toHaveLength(1);
          expect(errorLines(planned.stderr)).toEqual(errorLines(created.stderr));
        } else {
          expect(planned.stdout).not.toContain('create the cgroup');
          expect(planned.stdout).toContain('cgroups are disabled');
          (await box.runtime(['delete', '--force', plain.id])).ok();
        }
      }
    },
    'runts',
  );

  clause(
    'RUN-001 validate, plan and create refuse alike what the kernel would refuse of every configuration like it',
    async (box) => {
      const deadline = { policy: 'SCHED_DEADLINE', runtime: 30_000_000, deadline: 10_000_000, period: 40_000_000 };
      const refused: readonly (readonly [pointer: string, value: unknown, finding: string])[] = [
        ['/linux/cgroupsPath', '/a\nb', '/linux/cgroupsPath'],
        ['/process/scheduler', deadline, '/process/scheduler/deadline'],
        ['/process/user/additionalGids', Array(65_537).fill(7), '/process/user/additionalGids'],
        ['/mounts/0/destination', '/x/../proc/sys', '/mounts/0/destination'],
      ];
      for (const [pointer, value, finding] of refused) {
        const bundle = box.bundle((config) => set(config, pointer, value));
        const validated = await box.runtime(['validate', '--format', 'json', bundle.directory]);
        const planned = await box.runtime(['plan', bundle.directory]);
        const created = await box.tryCreate(bundle);
        expect([validated.status, planned.status, created.status], finding).toEqual([1, 1, 1]);
        const found = validated.json<{ pointer: string; message: string }[]>().filter((each) => each.pointer === finding);
        expect(found).toHaveLength(1);
        for (const { stderr } of [planned, created])
          expect(errorLines(stderr)).toEqual([expect.stringContaining(found[0]?.message ?? '?')]);
        expect(box.leftovers()).toEqual([]);
      }
    },
    'runts',
  );

  clause(
    'RUN-003 validate accepts a good bundle',
    async (box) => {
      (await box.runtime(['validate', box.bundle().directory])).ok();
    },
    'runts',
  );

  clause(
    'RUN-004 validate tells every finding with its pointer and ends with 1',
    async (box) => {
      const bundle = box.bundle((config) => {
        set(config, '/process/cwd', 'relative');
        set(config, '/linux/namespaces/1/type', 'nosuch');
        set(config, '/process/rlimits', [{ type: 'RLIMIT_TEST', soft: 1, hard: 1 }]);
      });
      const result = await box.runtime(['validate', bundle.directory]);
      expect(result.status).toBe(1);
      for (const pointer of ['/process/cwd', '/linux/namespaces/1/type', '/process/rlimits/0/type']) {
        expect(`${result.stdout}${result.stderr}`).toContain(pointer);
      }
    },
    'runts',
  );
});

const names = recordedConfigs();

/** A bundle with a config that an engine wrote, on our rootfs. */
function sample(box: Box, name: string): string {
  const bundle = box.bundle();
  const config = readRecording(name);
  config.root.path = bundle.rootfs;
  writeFileSync(join(bundle.directory, 'config.json'), JSON.stringify(config));
  return bundle.directory;
}

describe('configs that engines wrote', () => {
  for (const name of names) {
    clause(
      `CFG-095 ${name} validates and plans`,
      async (box) => {
        const directory = sample(box, name);
        (await box.runtime(['validate', directory])).ok();
        (await box.runtime(['plan', directory])).ok();
      },
      'runts',
    );
  }
});
