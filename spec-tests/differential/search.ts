import fc from 'fast-check';
import { compare } from './compare.ts';
import type { Difference } from './known.ts';
import type { Peer } from './peers.ts';
import type { Places } from './piece.ts';
import { type Sample, samples } from './sample.ts';

/** A difference nobody has explained, in the smallest sample that shows it. */
export interface Finding {
  /** What other differences of the same cause have too, most probably. */
  readonly kind: string;
  readonly difference: Difference;
  readonly sample: Sample;
}

const kindOf = ({ peer, key }: Difference): string => `${peer}: ${key.replace(/^(mounts).*(?=\/)|^(left|look).*/, '$1$2')}`;

/** Compares this many containers, and makes a sample that shows something new as small as it can be. */
export async function search(
  runs: number,
  seed: number,
  ours: Peer,
  peers: readonly Peer[],
  held: Places['held'],
): Promise<{ readonly count: number; readonly refused: number; readonly findings: readonly Finding[] }> {
  const findings = new Map<string, Finding>();
  let [count, refused] = [0, 0];
  for (let next = seed; count < runs; next++) {
    let smallest: Finding | undefined;
    const property = fc.asyncProperty(samples(peers), async (sample) => {
      const { found, wasRefused } = await compare(sample, ours, peers, held);
      if (smallest === undefined) {
        count++;
        if (wasRefused) refused++;
      }
      const fresh = found.filter((difference) => !findings.has(kindOf(difference)));
      const difference = fresh.find((other) => smallest === undefined || kindOf(other) === smallest.kind);
      if (difference === undefined) return true;
      smallest = { kind: kindOf(difference), difference, sample };
      return false;
    });
    await fc.check(property, { seed: next, numRuns: runs - count });
    if (smallest !== undefined) findings.set((smallest as Finding).kind, smallest);
  }
  return { count, refused, findings: [...findings.values()] };
}

/** The differences of one sample. */
export async function repeat(text: string, ours: Peer, peers: readonly Peer[], held: Places['held']): Promise<readonly Difference[]> {
  return (await compare(JSON.parse(text) as Sample, ours, peers, held)).found;
}
