import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultSpec } from '../../src/cli/default-spec.ts';
import type { RuntimeError } from '../../src/errors.ts';
import type { LinuxSeccomp } from '../../src/spec/types.ts';
import { type Comparison, compareProfiles, type Kind, missing } from './oracle.ts';
import { type Case, overlappingProfiles, plainProfiles } from './profile-arbitrary.ts';
import { profileText } from './profile-text.ts';

/** Generated profiles of the default run; SECCOMP_ORACLE_FACTOR=10 takes ten times as many. */
const factor = Number(process.env['SECCOMP_ORACLE_FACTOR'] ?? 1);
/** How long all takes where it is emulated; no container is needed here, and nothing of the harness. */
const slowness = Number(process.env['SPEC_SLOWNESS'] ?? 1);
const seed = Number(process.env['SECCOMP_ORACLE_SEED'] ?? 20);
const EEXIST = 17;

const fixtures = join(import.meta.dirname, 'fixtures');

/** The profiles that engines write by default, and that of `runts spec` if it has one. */
function defaultProfiles(): [name: string, machine: string, seccomp: LinuxSeccomp][] {
  const recorded = readdirSync(fixtures).map((file): [string, LinuxSeccomp] => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(join(fixtures, file), 'utf8')) as LinuxSeccomp,
  ]);
  const own = defaultSpec({ unifiedCgroups: false }).linux?.seccomp;
  if (own) recorded.push(['runts-spec', own]);
  return recorded.flatMap(([name, seccomp]): [string, string, LinuxSeccomp][] => [
    [name, 'x86_64', seccomp],
    [`${name} on Arm`, 'aarch64', { ...seccomp, architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'] }],
  ]);
}

/** Compiles generated profiles; those with contradicting rules are left out. */
function compiled(prefix: string, cases: readonly Case[]): string[] {
  return cases.flatMap(({ machine, seccomp }, index) => {
    try {
      return [profileText(`${prefix}-${index}-${machine}`, seccomp, machine)];
    } catch (error) {
      if ((error as RuntimeError).code === 'SECCOMP_CONFLICT') return [];
      throw error;
    }
  });
}

/** Findings of kinds that are not among the expected ones. */
function unexpected(comparisons: readonly Comparison[], expected: readonly Kind[]): unknown[] {
  return comparisons.flatMap(({ id, kinds }) =>
    Object.entries(kinds)
      .filter(([kind]) => !expected.includes(kind as Kind))
      .map(([kind, finding]) => ({ id, kind, ...finding })),
  );
}

function total(comparisons: readonly Comparison[]): string {
  const sums = new Map<string, { calls: number; profiles: number }>();
  for (const { kinds } of comparisons) {
    for (const [kind, { count }] of Object.entries(kinds)) {
      const { calls, profiles } = sums.get(kind) ?? { calls: 0, profiles: 0 };
      sums.set(kind, { calls: calls + count, profiles: profiles + 1 });
    }
  }
  const words = [...sums].map(([kind, { calls, profiles }]) => `${kind} ${calls} calls in ${profiles}`);
  const refused = comparisons.filter((one) => one.refused !== 0).length;
  return `${comparisons.length} profiles: ${words.join(', ')}${refused > 0 ? `; libseccomp refused ${refused}` : ''}`;
}

const title = (what: string): string => (missing === undefined ? what : `${what} [skipped: ${missing}]`);

describe.skipIf(missing !== undefined)(title('the compiler and libseccomp say the same'), () => {
  test.each(defaultProfiles())('%s (%s): every call', (name, machine, seccomp) => {
    const comparisons = compareProfiles([profileText(name.replaceAll(' ', '-'), seccomp, machine)]);
    expect(comparisons).toMatchObject([{ refused: 0, tables: 0 }]);
    expect(unexpected(comparisons, ['same', 'stub', 'newer'])).toEqual([]);
    for (const { ours, theirs } of comparisons) expect(ours).toBeLessThan(theirs);
  });

  test('generated profiles without contradictions', { timeout: 300_000 * factor * slowness }, () => {
    const texts = compiled('plain', fc.sample(plainProfiles, { numRuns: 2000 * factor, seed }));
    const comparisons = compareProfiles(texts);
    console.log(total(comparisons));
    expect(comparisons.length).toBeGreaterThanOrEqual(2000 * factor);
    expect(comparisons.filter(({ tables }) => tables > 0)).toEqual([]);
    expect(comparisons.filter(({ refused }) => refused !== 0 && refused !== EEXIST)).toEqual([]);
    expect(unexpected(comparisons, ['same', 'stub', 'newer', 'multiplexed', 'swapped', 'fault'])).toEqual([]);
  });

  test('generated profiles in which anything overlaps', { timeout: 300_000 * factor * slowness }, () => {
    const comparisons = compareProfiles(compiled('overlapping', fc.sample(overlappingProfiles, { numRuns: 1000 * factor, seed })));
    console.log(total(comparisons));
    expect(comparisons.filter(({ refused }) => refused !== 0 && refused !== EEXIST)).toEqual([]);
    expect(unexpected(comparisons, ['same', 'stub', 'newer', 'multiplexed', 'swapped', 'fault', 'overlap'])).toEqual([]);
    // The order of rules is libseccomp's but for halves of 64 bits that it happens to merge.
    const otherOrder = comparisons.filter(({ kinds }) => kinds.overlap);
    expect(otherOrder.length).toBeLessThanOrEqual(comparisons.length * 0.005);
    for (const { id } of otherOrder) expect(id).not.toMatch(/i686|armv7l/);
  });
});
