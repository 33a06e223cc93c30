import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, vi } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, dropNamespace } from './harness/config.ts';
import { cgroupMode, findRuntime, inVm, slowness } from './harness/suite.ts';

/** How many containers each test makes and deletes; SPEC_ROUNDS=1000 for a long run. */
const rounds = Number(process.env['SPEC_ROUNDS'] ?? (inVm || findRuntime().command.length > 1 ? 16 : 40));
const parallel = 8;
const systemd = existsSync('/run/systemd/system');

vi.setConfig({ testTimeout: slowness * (60_000 + rounds * (inVm ? 5_000 : 1_000)) });

const forking = ['sh', '-c', 'for i in 1 2 3; do (while :; do true | true; done) & done; while :; do true & wait; done'];

/** Programs of device filters that the kernel holds: each has an allocation of its own. */
const filterPrograms = (): number => (readFileSync('/proc/vmallocinfo', 'utf8').match(/ bpf_prog_alloc/g) ?? []).length;

/** Makes and deletes containers, `parallel` at a time, every second one while its program runs. */
async function makeAndDelete(box: Box, change: (config: Config) => void, global: readonly string[] = []): Promise<void> {
  const before = filterPrograms();
  const bundle = box.bundle((config) => {
    config.linux.resources = { devices: [{ allow: false, access: 'rwm' }], memory: { limit: 64 << 20 }, pids: { limit: 64 } };
    delete config.linux.cgroupsPath;
    change(config);
  });
  let left = rounds;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const id = box.id();
      const verb = left % 2 === 0 ? ['run', '--detach'] : ['create'];
      (await box.runtime([...verb, '--bundle', bundle.directory, id], { global })).ok();
      (await box.runtime(['delete', '--force', id])).ok();
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  await until('nothing is left', () => box.leftovers().length === 0);
  if (cgroupMode === 'unified') await until('every filter is gone', () => filterPrograms() <= before);
  expect(box.leftovers()).toEqual([]);
}

describe(`${rounds} containers, ${parallel} at a time`, () => {
  clause('RT-059 create and delete leave nothing', (box) => makeAndDelete(box, () => {}));

  clause('RT-059 CLI-030 nor with processes that fork while they are killed', (box) =>
    makeAndDelete(box, (config) => {
      config.process.args = forking;
    }),
  );

  clause('RT-059 CLI-027 nor without a pid namespace, where nothing dies with the first process', (box) =>
    makeAndDelete(box, (config) => {
      dropNamespace(config, 'pid');
      config.process.args = forking;
    }),
  );

  clause('RT-033 RT-059 nor does create while the same container is deleted', async (box) => {
    const bundle = box.bundle((config) => {
      delete config.linux.cgroupsPath;
    });
    let left = rounds;
    const worker = async (): Promise<void> => {
      const id = box.id();
      while (left-- > 0) {
        const created = box.runtime(['create', '--bundle', bundle.directory, id]);
        for (let deletes = 0; deletes < 3; deletes++) (await box.runtime(['delete', '--force', id])).ok();
        await created;
        (await box.runtime(['delete', '--force', id])).ok();
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    await until('nothing is left', () => box.leftovers().length === 0);
  });

  if (systemd) clause('RT-059 CLI-117 nor under systemd', (box) => makeAndDelete(box, () => {}, ['--systemd-cgroup']), 'not crun');
});
