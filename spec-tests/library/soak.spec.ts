// Many sandboxes by one process: what it ends with is what it began with.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { clause } from '../harness/clause.ts';
import { cgroups } from '../harness/leftovers.ts';
import { slowness } from '../harness/suite.ts';
import { libraryFile } from './library.ts';

const isLong = process.env['SOAK'] !== undefined;
const count = Number(process.env['SOAK'] ?? 40);
const lanes = 8;
const warmUp = isLong ? 1000 : lanes * 3;
/** For as many as were asked for, however busy the machine is. */
const patience = slowness * (60_000 + (warmUp + count) * 500);
if (isLong) vi.setConfig({ testTimeout: patience });

/** The most bytes of a thread, which the library adds when all others are busy for long. */
const THREAD = 16 << 20;

/** What the program has, at a moment. */
interface Inventory {
  /** Threads beside its first one, whose garbage was collected. */
  readonly collected: number;
  /** Bytes. */
  readonly memory: number;
  readonly descriptors: readonly string[];
  readonly children: readonly string[];
  readonly mounts: number;
}

describe('soak', () => {
  clause(
    'LIB-080 descriptors, memory, mounts, cgroups and processes are as before, however many there were',
    async (box) => {
      const soak = { library: libraryFile, root: box.stateRoot, directory: box.directory, id: box.id(), lanes, warmUp, count };
      const program = join(import.meta.dirname, 'soak/main.js');
      const result = await box.host(['node', program, JSON.stringify(soak)], { timeout: patience });
      const { before, after } = result.ok().json<Readonly<Record<'before' | 'after', Inventory>>>();
      expect(Math.min(before.collected, after.collected)).toBeGreaterThan(0);
      for (const what of ['descriptors', 'children', 'mounts'] as const) expect(after[what]).toEqual(before[what]);
      expect(readdirSync(box.stateRoot)).toEqual([]);
      expect(cgroups((path) => path.includes(soak.id))).toEqual([]);
      expect(box.leftovers()).toEqual([]);
      if (!isLong) return;
      // Of few the compiler's share is the larger.
      const [threads, more] = [after.collected, after.collected - before.collected];
      console.log(
        `${before.memory} bytes after ${warmUp} sandboxes, ${after.memory} after ${count} more; ${threads} threads, ${more} new ones`,
      );
      expect(Math.abs(after.memory - before.memory)).toBeLessThan((10 << 20) + more * THREAD);
    },
    'runts',
  );
});
