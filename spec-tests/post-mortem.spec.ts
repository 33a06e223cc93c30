import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { isKernelSince } from './harness/needs.ts';
import { cgroupMode } from './harness/suite.ts';

const megabyte = 1 << 20;

/** Cgroup v2 tells the peak since Linux 5.19. */
const knowsPeak = cgroupMode === 'v1' || isKernelSince('5.19');

interface Ended {
  status: string;
  pid: number;
  exitStatus?: number;
  exitSignal?: number;
  oomKilled?: boolean;
  memoryPeak?: number;
}

function limited(box: Box, args: string[], limit: number): Bundle {
  return box.bundle((config) => {
    config.linux.resources = { memory: { limit, swap: limit } };
    config.process.args = args;
  });
}

const stateOf = async (box: Box, id: string): Promise<Ended> => (await box.runtime(['state', id])).ok().json<Ended>();

describe('how a container ended', () => {
  clause('CLI-041 state keeps the exit status until delete', async (box) => {
    const bundle = limited(box, ['sh', '-c', 'exit 7'], 64 * megabyte);
    expect((await box.run(bundle, { options: ['--keep'] })).status).toBe(7);
    const state = await stateOf(box, bundle.id);
    expect(state).toMatchObject({ status: 'stopped', pid: 0, exitStatus: 7, oomKilled: false });
    expect(state.exitSignal).toBeUndefined();
    (await box.runtime(['delete', bundle.id])).ok();
  });

  clause('CLI-041 and the signal', async (box) => {
    const bundle = limited(box, ['sleep', '1000'], 64 * megabyte);
    const running = box.launch(['run', '--keep', '--bundle', bundle.directory, bundle.id]);
    // Not before: a container that is killed while it is only created is one that run could not start.
    await until('it runs', async () => /"status": ?"running"/.test((await box.runtime(['state', bundle.id])).stdout));
    (await box.runtime(['kill', bundle.id, 'KILL'])).ok();
    expect((await running.exited).status).toBe(137);
    expect(await stateOf(box, bundle.id)).toMatchObject({ exitStatus: 137, exitSignal: 9, oomKilled: false });
  });

  clause(
    'LNX-082 a process killed by the memory limit: the state says so, and the warning names limit and peak',
    async (box) => {
      const bundle = limited(box, ['probe', 'memory', '200'], 24 * megabyte);
      const result = await box.run(bundle, { options: ['--keep'], global: box.kind === 'runts' ? ['--log-level', 'warning'] : [] });
      expect(result.status).toBe(137);
      expect(result.stderr).toMatch(
        knowsPeak ? /was killed by the memory limit of 24 MiB; peak \d+/ : /was killed by the memory limit of 24 MiB/,
      );
      const state = await stateOf(box, bundle.id);
      expect(state).toMatchObject({ exitStatus: 137, exitSignal: 9, oomKilled: true });
      if (!knowsPeak) return;
      expect(state.memoryPeak).toBeGreaterThan(20 * megabyte);
      expect(state.memoryPeak).toBeLessThanOrEqual(24 * megabyte);
    },
    'probe',
  );

  clause('LNX-082 a limit too small for create is named by the error', async (box) => {
    const result = await box.tryCreate(limited(box, ['true'], 4 * 1024));
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/memory limit.* 4 KiB/);
    expect(box.leftovers()).toEqual([]);
  });

  // Init enters the memory cgroup so late that it takes as little as a page to be killed there.
  clause(
    'LNX-082 an init that the limit kills while it is made is named so by the error',
    async (box) => {
      const result = await box.tryCreate(limited(box, ['true'], 4 * 1024));
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/OOM-killed .*memory limit of 4 KiB/);
      expect(box.leftovers()).toEqual([]);
    },
    'cgroup v2',
    'runts',
  );
});
