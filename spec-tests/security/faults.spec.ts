import fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import type { Act, Kind } from './act.ts';
import { Create, Delete, Exec, Run, RunDetached, Start, Update } from './acts.ts';
import { Checkpoint, Restore } from './acts-criu.ts';
import { cleanRun, errnos, type Fault, tryFaults } from './faults.ts';

const acts: readonly (readonly [new (box: Box, kind: Kind) => Act, readonly Kind[], string])[] = [
  [Create, ['plain', 'engine', 'user', 'hooks', 'terminal'], 'RT-033 create'],
  [RunDetached, ['engine', 'terminal'], 'RT-033 run --detach'],
  [Run, ['plain', 'user'], 'RT-033 run'],
  [Start, ['plain', 'hooks'], 'RT-053 start'],
  [Exec, ['plain', 'engine', 'user'], 'CLI-060 exec'],
  [Update, ['plain'], 'CLI-029 update'],
  [Delete, ['plain', 'hooks'], 'RT-059 delete'],
  [Checkpoint, ['plain', 'terminal'], 'CLI-094 checkpoint'],
  [Restore, ['plain', 'engine', 'hooks', 'terminal', 'mounts'], 'CLI-112 restore'],
];

/** FAULTS=all tries every one; FAULTS=places every place, with an errno each; FAULTS='Create plain init 17 EIO' repeats one; FAULTS_REPORT names a file for the findings. */
const wanted = process.env['FAULTS'] ?? '';
const [wantedAct, wantedKind, ...wantedFault] = wanted.split(' ');
const seed = Number(process.env['FAULTS_SEED'] ?? 1);
/** Of every kind of every command. */
const sampleSize = Number(process.env['FAULTS_COUNT'] ?? 3);

if (wanted !== '') vi.setConfig({ testTimeout: 0 });

type Places = Awaited<ReturnType<typeof cleanRun>>['places'];

const named = (places: Places, [role, at, errno = 'EIO']: readonly string[]): Fault[] =>
  places.flatMap((place) => (place.role === role && place.at === Number(at) ? [{ place, errno }] : []));

/** In every sample, as they were findings once. */
const found: Readonly<Record<string, (places: Places) => Places[number] | undefined>> = {
  // Init went on with a socket that CRIU would inherit, and was never heard to have become it.
  'Checkpoint plain': (places) => places.find(({ role }) => role === 'intermediate'),
  // The last look at the mounts, after a restore, took back the state of a container that went on.
  'Restore plain': (places) =>
    places.findLast(({ role, call, details }) => role === 'runtime' && call === 'openat' && details.includes('/proc/self/mountinfo')),
};

function chosen(act: string, places: Places): Fault[] {
  if (wantedFault.length > 0) return named(places, wantedFault);
  const all = places.flatMap((place) => errnos.map((name) => ({ place, errno: name })));
  if (wanted === 'places') return places.map((place, index) => ({ place, errno: errnos[(seed + index) % errnos.length] ?? 'EIO' }));
  if (wanted === 'all') return all;
  const place = found[act]?.(places);
  return [
    ...(place === undefined ? [] : [{ place, errno: 'ENOMEM', aimed: true }]),
    ...fc.sample(fc.constantFrom(...all), { seed, numRuns: sampleSize }),
  ];
}

describe('a system call that fails', () => {
  for (const [Kind, kinds, words] of acts) {
    for (const kind of kinds) {
      if (wantedKind !== undefined && !(Kind.name === wantedAct && kind === wantedKind)) continue;
      clause(
        `${words} of a container of the kind "${kind}" fails cleanly, or has its whole effect`,
        async (box) => {
          const act = new Kind(box, kind);
          const { places, clean } = await cleanRun(act);
          const tally = await tryFaults(act, chosen(`${Kind.name} ${kind}`, places), clean, process.env['FAULTS_REPORT']);
          const { findings, ops: _, ...counts } = tally;
          if (wanted !== '')
            console.log(`${Kind.name} ${kind}: ${places.length} places, ${JSON.stringify(counts)}, ${findings.length} findings`);
          expect(findings, `FAULTS_SEED=${seed}`).toEqual([]);
        },
        'runts',
        'probe',
        'x86-64',
        // Without hooks the runtime alone does it, whose calls only the executable makes in the same order every time.
        ...(Kind === Checkpoint || Kind === Restore ? (['CRIU', 'a static executable'] as const) : []),
        ...(kind !== 'hooks' && (Kind === Start || Kind === Update || Kind === Delete) ? (['a static executable'] as const) : []),
      );
    }
  }
});
