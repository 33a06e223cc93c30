import fc from 'fast-check';
import { compare } from './compare.ts';
import type { Difference } from './known.ts';
import type { Contestants } from './peers.ts';
import type { Places } from './piece.ts';
import { type Sample, samples } from './sample.ts';

/** A difference nobody has explained, in the smallest sample that shows it. */
export interface Finding {
  /** What other differences of the same cause have too, most probably. */
  readonly kind: string;
  readonly difference: Difference;
  readonly sample: Sample;
}

/** What a runtime said, without what is of the moment. */
const words = (said: string | undefined): string =>
  said?.startsWith('refused') ? said.replace(/time="[^"]*"|\d+/g, '').slice(0, 160) : '';

const kindOf = ({ peer, key, ours, theirs }: Difference): string =>
  `${peer}: ${key.replace(/^(mounts).*(?=\/)|^(left|look).*/, '$1$2')} ${key === 'status' ? words(ours) + words(theirs) : ''}`.trimEnd();

/** What is tried at most to make a sample smaller: each takes as long as one that is compared. */
const triesToShrink = 60;

export interface Outcome {
  readonly count: number;
  /** What was said of configurations that all of them refused, and how often. */
  readonly refusals: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  /** Errors of samples that could not be compared, with these. */
  readonly failures: readonly string[];
}

/**
 * Compares this many containers, and makes a sample that shows something new as small as it can be.
 * @param tell is told how far it has come, and what was found, at once
 */
export async function search(
  runs: number,
  seed: number,
  { ours, peers }: Contestants,
  held: Places['held'],
  tell: (line: string) => void,
): Promise<Outcome> {
  const findings = new Map<string, Finding>();
  const refusals = new Map<string, number>();
  const failures: string[] = [];
  let count = 0;
  const note = (refusal: string | undefined) => {
    count++;
    if (refusal !== undefined) refusals.set(words(refusal), (refusals.get(words(refusal)) ?? 0) + 1);
    if (count % 25 === 0)
      tell(`${count} configurations, ${[...refusals.values()].reduce((a, b) => a + b, 0)} refused, ${findings.size} differences`);
  };
  for (let next = seed; count + failures.length < runs; next++) {
    let smallest: Finding | undefined;
    let tries = 0;
    const property = fc.asyncProperty(samples(peers), async (sample) => {
      if (smallest !== undefined && ++tries > triesToShrink) return true;
      const outcome = await compare(sample, ours, peers, held).catch((error: unknown) => error as Error);
      if (outcome instanceof Error) {
        // Some runtime has not even got as far as to be compared; what else that shows is another's business.
        failures.push(`${outcome.message}\n${JSON.stringify(sample)}`);
        tell(`failed: ${failures.at(-1)}`);
        return true;
      }
      const { found, refusal } = outcome;
      if (smallest === undefined) note(refusal);
      const fresh = found.filter((difference) => !findings.has(kindOf(difference)));
      const difference = fresh.find((other) => smallest === undefined || kindOf(other) === smallest.kind);
      if (difference === undefined) return true;
      smallest = { kind: kindOf(difference), difference, sample };
      return false;
    });
    await fc.check(property, { seed: next, numRuns: runs - count - failures.length });
    if (smallest !== undefined) {
      const finding: Finding = smallest;
      findings.set(finding.kind, finding);
      tell(JSON.stringify(finding, null, 1));
    }
  }
  return { count, refusals, failures, findings: [...findings.values()] };
}

/** The differences of one sample. */
export async function repeat(text: string, { ours, peers }: Contestants, held: Places['held']): Promise<readonly Difference[]> {
  return (await compare(JSON.parse(text) as Sample, ours, peers, held)).found;
}
