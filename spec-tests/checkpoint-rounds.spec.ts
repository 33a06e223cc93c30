import { describe, expect, vi } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { counter, goesOn, last, placesOf, restored, save } from './harness/criu.ts';
import { inVm, slowness } from './harness/suite.ts';

/** How often each container is saved and restored; CHECKPOINT_ROUNDS=100 for a long run. */
const rounds = Number(process.env['CHECKPOINT_ROUNDS'] ?? 2);
const parallel = 4;

vi.setConfig({ testTimeout: slowness * (60_000 + rounds * (inVm ? 60_000 : 20_000)) });

/** Saves a counter and restores it, again and again; each time it goes on with the number after its last one. */
async function travel(box: Box, lane: number): Promise<void> {
  let container = await counter(box);
  for (let round = 0; round < rounds; round++) {
    const { flags } = placesOf(box, `checkpoint-${lane}-${round}`);
    (await save(box, container, flags)).ok();
    const before = last(container.stdout);
    container = await restored(box, container.bundle, flags);
    await goesOn(container, before);
    expect(Number(container.stdout.split('\n')[0]), `lane ${lane}, round ${round}`).toBe(before + 1);
    if (rounds > 2) console.log(`lane ${lane}, round ${round + 1}: ${before}`);
    await box.host(['rm', '-r', ...flags.filter((word) => word.startsWith('/'))]);
  }
  (await container.delete('--force')).ok();
}

describe(`${rounds} rounds of checkpoint and restore, ${parallel} containers at a time`, () => {
  clause(
    'CLI-094 CLI-112 RT-059 every counter goes on, and nothing is left',
    async (box) => {
      await Promise.all(Array.from({ length: parallel }, (_, lane) => travel(box, lane)));
      // What is left after all is told below.
      await until('nothing is left', () => box.leftovers().length === 0).catch(() => undefined);
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    // runc, and CRIU for it, cannot save it again: what it restores has streams that are the host's.
    'runts',
  );
});
