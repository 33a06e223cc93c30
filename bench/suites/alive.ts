// What a container costs when many are there already.
import { readFileSync } from 'node:fs';
import type { Lab } from '../lab.ts';
import type { Runtime } from '../machine.ts';
import { disturbedAbove, startWatch } from '../quiet.ts';
import { middle } from '../rows.ts';
import { type Cost, time } from '../timer.ts';

const probes = 9;
/** With fewer containers, what others do to the machine's memory is more. */
const leastForMemory = 1000;
/** Others than the first runtime stop here: runc alone would take a quarter of an hour. */
const mostOfOthers = 1000;
/** The floor, beside the first runtime, tells what part of a growing cost is the kernel's. */
export const probed = ['create+start', 'floor', 'delete', 'list', 'state'] as const;
type Probe = Readonly<Partial<Record<(typeof probed)[number], Cost>>>;

export interface Alive {
  readonly runtime: string;
  readonly count: number;
  /** Medians with `count` containers there. */
  readonly costs: Probe;
  /**
   * KiB of the machine's memory for each container, kernel and program together. Of the first runtime alone: for the others the kernel
   * still frees what the one before had.
   */
  readonly memory?: number;
  readonly isQuiet: boolean;
}

export interface AliveResult {
  readonly counts: readonly Alive[];
  /** Milliseconds to delete each of the most containers there were. */
  readonly deleted: Readonly<Record<string, number>>;
}

function availableMemory(): number {
  return Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]);
}

/**
 * The next containers, the commands that look at those there are, and the containers gone again. One kind after the other: what the kernel
 * does for a while after a removal would be counted for the next creation.
 */
function probe(lab: Lab, runtime: Runtime, bundle: string): Record<(typeof probed)[number], Cost[]> {
  const ids = Array.from({ length: probes }, (_, index) => lab.id(runtime, `alive-next-${index}`));
  const call = (...args: string[]): Cost => time(lab.timer, ['--leave', ...lab.words(runtime, ...args)]).stages[0] as Cost;
  const floor = () => time(lab.timer, [lab.floor.path, lab.rootfs, lab.id(lab.floor, 'alive-floor'), '/nothing']).stages[0] as Cost;
  return {
    'create+start': ids.map((id) => call('run', '--detach', '--bundle', bundle, id)),
    list: ids.map(() => call('list', '--quiet')),
    state: ids.map((id) => call('state', id)),
    delete: ids.map((id) => call('delete', '--force', id)),
    floor: runtime === lab.first ? ids.map(floor) : [],
  };
}

/** Of the machine itself while we rest: what the kernel does for the containers would count as others' doing. */
async function isQuietNow(): Promise<boolean> {
  const othersShare = startWatch();
  await new Promise((resolve) => setTimeout(resolve, 300));
  return othersShare() <= disturbedAbove;
}

async function measureOne(lab: Lab, runtime: Runtime, counts: readonly number[], bundle: string): Promise<Alive[]> {
  const results: Alive[] = [];
  const before = availableMemory();
  let there = 0;
  for (const count of counts) {
    for (; there < count; there++) {
      await lab.breathe();
      time(lab.timer, ['--leave', ...lab.words(runtime, 'run', '--detach', '--bundle', bundle, lab.id(runtime, `alive-${there}`))]);
    }
    const memory = (before - availableMemory()) / count;
    const isQuiet = await isQuietNow();
    const found = probe(lab, runtime, bundle);
    const costs = Object.fromEntries(probed.flatMap((name) => (found[name].length > 0 ? [[name, middle(found[name])]] : [])));
    results.push({ runtime: runtime.name, count, costs, isQuiet, ...(runtime === lab.first && count >= leastForMemory ? { memory } : {}) });
    if (process.stderr.isTTY) process.stderr.write(`\r${runtime.name}: ${count} alive `);
  }
  return results;
}

export async function alive(lab: Lab, counts: readonly number[]): Promise<AliveResult> {
  const bundle = lab.bundle('alive', { args: ['/pause', lab.id(lab.first, 'program')] });
  const results: Alive[] = [];
  const deleted: Record<string, number> = {};
  for (const runtime of lab.runtimes) {
    const own = runtime === lab.first ? counts : counts.filter((count) => count <= mostOfOthers);
    try {
      results.push(...(await measureOne(lab, runtime, own, bundle)));
    } finally {
      const began = performance.now();
      lab.clear(runtime);
      deleted[runtime.name] = (performance.now() - began) / Math.max(...own);
    }
    const left = lab.leftovers();
    if (left.length > 0) throw new Error(`${runtime.name} left ${left.length} behind:\n${left.slice(0, 20).join('\n')}`);
  }
  return { counts: results, deleted };
}
