import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';

// runc knows execCPUAffinity since 1.3, crun 1.8.1 does not.
const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts', 'two CPUs');

const show = ['grep', 'Cpus_allowed_list', '/proc/self/status'];
const cpus = (text: string): string => text.replace(/\s+/g, ' ').trim().split(' ')[1] ?? '';

const all = cpus(/Cpus_allowed_list:.*/.exec(readFileSync('/proc/self/status', 'utf8'))?.[0] ?? '');

/** What a process that exec starts with this execCPUAffinity may run on. */
async function execWith(box: Box, affinity: unknown, change: (config: Config) => void = () => {}) {
  const bundle = box.bundle(change);
  const container = await box.started(bundle);
  const file = join(box.directory, 'process.json');
  writeFileSync(file, JSON.stringify({ ...bundle.config.process, args: show, execCPUAffinity: affinity }));
  return box.runtime(['exec', '--process', file, container.id]);
}

describe('execCPUAffinity', () => {
  clause('CFG-062 final is the affinity of the exec’d process', async (box) => {
    expect(cpus((await execWith(box, { final: '1' })).ok().stdout)).toBe('1');
  });

  clause('CFG-061 CFG-062 final counts after initial', async (box) => {
    expect(cpus((await execWith(box, { initial: '1', final: '0' })).ok().stdout)).toBe('0');
  });

  clause('CFG-061 CFG-063 initial alone is not touched after the move to the cgroup', async (box) => {
    // Kernels before 6.2 forget it when the process enters a cpuset.
    expect(['0', all]).toContain(cpus((await execWith(box, { initial: '0' })).ok().stdout));
  });

  clause('CFG-064 it does not apply to the container’s init, but to exec without a process file', async (box) => {
    const bundle = box.bundle((config) => {
      set(config, '/process/execCPUAffinity', { initial: '0', final: '0' });
      config.process.args = ['sh', '-c', `${show.join(' ')}; sleep 100`];
    });
    const container = await box.started(bundle);
    expect(cpus(await container.prints(/Cpus_allowed_list:.*\n/))).toBe(all);
    expect(cpus((await container.exec(show)).ok().stdout)).toBe('0');
  });

  clause('ENG-028 without it an exec’d process does not inherit the caller’s affinity', async (box) => {
    const container = await box.started(box.bundle());
    const result = await box.runtime(['exec', container.id, ...show], { through: ['taskset', '-c', '0'] });
    expect(cpus(result.ok().stdout)).toBe(all);
  });

  for (const [what, affinity] of Object.entries({
    'a malformed initial': { initial: 'x' },
    'a malformed final': { final: '1-' },
    'a range backwards': { final: '1-0' },
  })) {
    clause(`CFG-061 CFG-062 ${what} is refused`, async (box) => {
      const result = await execWith(box, affinity);
      expect(result.status).toBe(255);
      expect(result.stderr).toMatch(/execCPUAffinity/);
    });
  }

  clause('CFG-062 a CPU that is not there is an error', async (box) => {
    const result = await execWith(box, { final: '4000' });
    expect(result.status).toBe(255);
    expect(result.stderr).toMatch(/4000/);
  });
});
