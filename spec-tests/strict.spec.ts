import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';
import type { RunOptions } from './harness/runtime-call.ts';

const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts');

const ways: readonly (readonly [string, RunOptions])[] = [
  ['--strict', { global: ['--strict'] }],
  ['RUNTS_STRICT', { env: { RUNTS_STRICT: '1' } }],
];

/** What only deserves a warning: of the configuration, and of the plan. */
const warned: Readonly<Record<string, (config: Config) => void>> = {
  UNKNOWN_PROPERTY: (config) => set(config, '/linux/rootfsPropagtion', 'slave'),
  CAPABILITY_IGNORED: (config) => config.process.capabilities?.bounding?.push('CAP_NOTHING'),
};

async function refusal(box: Box, verb: string, args: readonly string[], { global = [], ...options }: RunOptions) {
  const log = join(box.directory, 'log');
  const result = await box.runtime([verb, ...args], { ...options, global: ['--log', log, '--log-format', 'json', ...global] });
  const { stdout } = (await box.host(['tail', '-n', '1', log])).ok();
  return { status: result.status, entry: JSON.parse(stdout) as { level: string; code: string; pointer?: string } };
}

describe('strict', () => {
  for (const [title, options] of ways) {
    for (const [code, change] of Object.entries(warned)) {
      clause(`RT-035 with ${title} create and plan refuse what is ${code} else, and nothing is left`, async (box) => {
        const bundle = box.bundle(change);
        const created = await refusal(box, 'create', ['--bundle', bundle.directory, bundle.id], options);
        expect(created).toMatchObject({ status: 1, entry: { level: 'error', code } });
        expect(box.leftovers()).toEqual([]);
        expect(await refusal(box, 'plan', [bundle.directory], options)).toMatchObject({ status: 1, entry: { code } });
        await box.create(bundle);
      });
    }
  }

  clause('RT-035 validate --strict and doctor --strict have errors alone, and the exit status of one', async (box) => {
    const { directory } = box.bundle(warned['UNKNOWN_PROPERTY']);
    for (const strict of [true, false]) {
      const global = strict ? ['--strict'] : [];
      const severity = strict ? 'error' : 'warning';
      const validated = await box.runtime(['validate', '--format', 'json', directory], { global });
      expect(validated).toMatchObject({ status: strict ? 1 : 0 });
      expect(validated.json()).toMatchObject([{ severity, code: 'UNKNOWN_PROPERTY' }]);
      const looked = await box.runtime(['doctor', '--format', 'json', directory], { global });
      expect(looked).toMatchObject({ status: strict ? 1 : 0 });
      expect(looked.json()).toMatchObject({ fine: !strict, findings: [{ severity, code: 'UNKNOWN_PROPERTY' }] });
    }
  });

  clause('RT-035 what has no warning runs as without', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', 'exit 7'];
    });
    expect((await box.run(bundle, { global: ['--strict'] })).status).toBe(7);
  });

  clause('RT-035 a warning of what has happened already makes an exit status of 1, and everything is done', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['true'];
      set(config, '/hooks', { poststop: [{ path: '/bin/false' }] });
    });
    const result = await box.run(bundle, { global: ['--strict'] });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('poststop');
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-011 a variable that says neither yes nor no is refused', async (box) => {
    const result = await box.runtime(['list'], { env: { RUNTS_STRICT: 'perhaps' } });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('RUNTS_STRICT');
    for (const value of ['', '0', 'false']) (await box.runtime(['list'], { env: { RUNTS_STRICT: value } })).ok();
  });
});
