// A running container saved and restored.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { type Bundles, checkpoint } from '../operations.ts';
import { type Effort, measureRounds } from '../rounds.ts';
import { type Row, summarize } from '../rows.ts';
import { time } from '../timer.ts';

/** Milliseconds before each command: what is not yet the program cannot be saved. */
const settling = '100';

/** @returns no rows where there is no CRIU that works */
export async function checkpoints(lab: Lab, effort: Effort): Promise<Row[]> {
  if (spawnSync('criu', ['check'], { stdio: 'ignore' }).status !== 0) return [];
  const sleeper = lab.bundle('checkpoint', { args: ['/sleeper', lab.id(lab.first, 'program')] });
  const bundles: Bundles = { subject: sleeper, sleeper };
  try {
    const measured = await measureRounds(lab, lab.runtimes, effort, (runtime) => {
      rmSync(join(lab.work, `images-${runtime.name}`), { recursive: true, force: true });
      return checkpoint.rows(time(lab.timer, ['--idle', settling, ...checkpoint.commands(lab, runtime, bundles)]));
    });
    return summarize(
      measured,
      lab.runtimes.map(({ name }) => name),
    );
  } finally {
    for (const runtime of lab.runtimes) lab.clear(runtime);
  }
}
