import { Box } from '../harness/box.ts';
import type { Config } from '../harness/config.ts';
import { type Difference, isKnown } from './known.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';
import type { Peer } from './peers.ts';
import type { Places } from './piece.ts';
import type { Sample } from './sample.ts';

async function inBox(runtime: Peer, sample: Sample, held: Places['held']): Promise<{ config: Config; found: Observation }> {
  const box = new Box(runtime);
  let seen: { config: Config; found: Observation };
  let left: readonly string[];
  try {
    seen = await observe(box, sample, held);
  } finally {
    left = await box.close();
  }
  const lines = left.map((line) => line.replaceAll(box.directory, 'BOX').replace(/\d+/g, 'N'));
  return { config: seen.config, found: { ...seen.found, 'left behind': lines.join('\n') } };
}

/** Of a container that was refused by both only that counts; runtimes have words of their own. */
function differences(ours: Observation, theirs: Observation, { kind, version }: Peer): Difference[] {
  const isRefused = (found: Observation) => (found['status'] ?? '').startsWith('refused');
  const difference = (key: string): Difference => ({ peer: kind, version, key, ours: ours[key], theirs: theirs[key] });
  if (isRefused(ours) || isRefused(theirs)) return isRefused(ours) === isRefused(theirs) ? [] : [difference('status')];
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  return keys.filter((key) => ours[key] !== theirs[key]).map(difference);
}

/** What differs, and is not known to. */
export async function compare(sample: Sample, ours: Peer, peers: readonly Peer[], held: Places['held']) {
  const [mine, ...others] = await Promise.all([ours, ...peers].map((runtime) => inBox(runtime, sample, held)));
  if (mine === undefined) throw new Error('no runtime');
  const found = peers.flatMap((peer, index) => {
    const other = others[index]?.found ?? {};
    return differences(mine.found, other, peer).filter((difference) => !isKnown(mine.config, difference));
  });
  const status = mine.found['status'] ?? '';
  return { refusal: status.startsWith('refused') ? status : undefined, found };
}
