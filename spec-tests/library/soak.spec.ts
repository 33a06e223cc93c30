// Many sandboxes by one process: what it ends with is what it began with.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { childrenOf } from '../harness/children.ts';
import { clause } from '../harness/clause.ts';
import { cgroups } from '../harness/leftovers.ts';
import { collectGarbage } from './garbage.ts';
import { inCgroup, library, openDescriptors, withRuntime } from './library.ts';

const { hostPrograms, sandbox } = library;
const isLong = process.env['SOAK'] !== undefined;
const most = Number(process.env['SOAK'] ?? 40);
const LANES = 8;
const warmUp = isLong ? 500 : LANES * 3;
// For as many as were asked for, however busy the machine is.
if (isLong) vi.setConfig({ testTimeout: 60_000 + (warmUp + most) * 500 });

const inventory = () => ({
  descriptors: openDescriptors(),
  children: childrenOf('self'),
  mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
});

async function residentBytes(): Promise<number> {
  expect(await collectGarbage()).toBeGreaterThan(0);
  return process.memoryUsage().rss;
}

describe('soak', () => {
  clause(
    'LIB-080 descriptors, memory, mounts, cgroups and processes are as before, however many there were',
    async (box) => {
      const host = hostPrograms(join(box.directory, 'host'));
      const scripts = ['exit 0', 'exit 3', 'kill -KILL $$', 'yes', 'sleep 1000', 'exec tail /dev/zero', 'cat'];
      await withRuntime(box, async (runtime) => {
        let next = 0;
        const lane = async (until: number): Promise<void> => {
          while (next < until) {
            const serial = next++;
            const id = box.id();
            const args = ['sh', '-c', scripts[serial % scripts.length] ?? ''];
            const spec = sandbox({ ...host, args, memory: 16 << 20, pids: 8 });
            const options = { timeout: 400, maxOutput: 10_000, input: id };
            // Every eleventh is given up.
            const signal = serial % 11 === 0 ? AbortSignal.timeout(serial % 40) : undefined;
            await runtime.run({ id, spec: inCgroup(spec, id), ...options, ...(signal ? { signal } : {}) }).catch((error: unknown) => {
              if (!signal?.aborted) throw error;
            });
          }
        };
        const lanes = (until: number) => Promise.all(Array.from({ length: LANES }, () => lane(until)));
        await lanes(warmUp);
        const before = { ...inventory(), memory: await residentBytes() };
        await lanes(warmUp + most);
        const after = { ...inventory(), memory: await residentBytes() };
        expect(after.descriptors).toEqual(before.descriptors);
        expect(after.children).toEqual(before.children);
        expect(after.mounts).toBe(before.mounts);
        expect(readdirSync(box.stateRoot)).toEqual([]);
        expect(cgroups((path) => path.includes(`${box.suite.tag}-${process.pid}-`))).toEqual([]);
        // Of few the compiler's share is the larger.
        if (isLong) expect(after.memory - before.memory).toBeLessThan(10 << 20);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
