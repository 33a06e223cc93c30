import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';

const global = ['--cgroup-manager', 'disabled'];

describe('--cgroup-manager disabled', () => {
  clause(
    'ENG-012 the container stays in the cgroup of its caller, and nothing is left of it',
    async (box) => {
      const container = await box.started(box.bundle(), { global });
      expect(readFileSync(`/proc/${container.pid}/cgroup`, 'utf8')).not.toContain(container.id);
      expect(await container.output('echo', 'hello')).toBe('hello');
      (await container.kill('KILL')).ok();
      await container.reaches('stopped');
      (await container.delete()).ok();
      expect(box.leftovers()).toEqual([]);
    },
    'not runc',
  );

  clause(
    'CLI-066 what needs a cgroup says so',
    async (box) => {
      const container = await box.started(box.bundle(), { global });
      expect((await box.runtime(['pause', container.id])).stderr).toContain('no cgroup');
      expect((await box.runtime(['update', '--pids-limit', '5', container.id])).status).toBe(1);
    },
    'runts',
  );
});
