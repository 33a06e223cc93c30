import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';
import { readRecording, recordedConfigs } from './harness/recordings.ts';

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
        const messages = (text: string) => [...text.matchAll(/msg=(".*")$/gm)].map(([, message]) => message);
        expect(planned.status).toBe(created.status);
        if (created.status !== 0) expect(messages(planned.stderr)).toEqual(messages(created.stderr));
        else {
          expect(planned.stdout).not.toContain('create the cgroup');
          expect(planned.stdout).toContain('cgroups are disabled');
          (await box.runtime(['delete', '--force', plain.id])).ok();
        }
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
