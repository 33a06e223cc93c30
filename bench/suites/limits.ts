// The smallest limits under which a program that does nothing runs.
import { spawnSync } from 'node:child_process';
import type { BundleOptions } from '../bundle.ts';
import type { Lab } from '../lab.ts';
import type { Runtime } from '../machine.ts';

export interface Limits {
  readonly runtime: string;
  /** KiB, in steps of 16. */
  readonly memory: number;
  readonly pids: number;
}

const step = 16;
const patience = 10_000;
/** A limit that holds only sometimes is too small. */
const tries = 3;

function runs(lab: Lab, runtime: Runtime, limits: Pick<BundleOptions, 'memory' | 'pids'>): boolean {
  const bundle = lab.bundle('limited', { args: ['/nothing'], ...limits });
  for (let round = 0; round < tries; round++) {
    const [program = '', ...args] = lab.words(runtime, 'run', '--bundle', bundle, lab.id(runtime, 'limited'));
    const { status } = spawnSync(program, args, { stdio: 'ignore', timeout: patience, killSignal: 'SIGKILL' });
    if (status === 0) continue;
    lab.clear(runtime);
    return false;
  }
  return true;
}

/** The least of 1 … `most` that passes; what passes stays so for everything above. */
async function smallest(lab: Lab, most: number, passes: (value: number) => boolean): Promise<number> {
  let [fails, holds] = [0, most];
  while (holds - fails > 1) {
    await lab.breathe();
    const between = (fails + holds) >> 1;
    if (passes(between)) holds = between;
    else fails = between;
  }
  return holds;
}

export async function limits(lab: Lab): Promise<Limits[]> {
  const results: Limits[] = [];
  for (const runtime of lab.runtimes) {
    const memory = step * (await smallest(lab, 1024, (steps) => runs(lab, runtime, { memory: steps * step * 1024 })));
    const pids = await smallest(lab, 64, (count) => runs(lab, runtime, { pids: count }));
    results.push({ runtime: runtime.name, memory, pids });
  }
  return results;
}
