import fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import { clause } from '../harness/clause.ts';
import { injected, type Place, placeName, placesOf } from '../harness/inject.ts';
import { slowness } from '../harness/suite.ts';
import { applies, criuVerbs, type Verb, Victim, verbs, ways } from './victim.ts';

/** DEATHS=all kills at every place; a number is how many times each test kills. DEATHS_SEED repeats a run. */
const wanted = process.env['DEATHS'] ?? '1';
const seed = Number(process.env['DEATHS_SEED'] ?? 1);
vi.setConfig({ testTimeout: process.env['DEATHS'] === undefined ? slowness * 240_000 : 0 });

async function placesWithout(victim: Victim, verb: Verb): Promise<Place[]> {
  await victim.before(verb);
  const { result, places } = await placesOf(victim.box, victim.args(verb), victim.options);
  expect(result.status, String(result)).toBe(victim.status(verb));
  await victim.remove();
  return places;
}

/** @returns whether the command came to the place, and died there. */
async function killAt(victim: Victim, verb: Verb, place: Place): Promise<boolean> {
  await victim.before(verb);
  const { result, hit } = await injected(victim.box, victim.args(verb), place, 'SIGKILL', victim.options);
  // Of the runtime it is the end; of any other process it hears, and ends by itself.
  if (hit?.role === 'runtime') expect(result.status).toBe(137);
  else expect(result.status, result.stderr).toBeLessThan(256);
  expect(result.status, 'the command hangs').not.toBe(124);
  // What CRIU does on its own may meet the next command, or have come to its end.
  if (verb === 'checkpoint' && place.at % 2 === 0) await victim.goesOn();
  await victim.after(verb === 'restore' ? 'restore' : 'run');
  return hit !== undefined;
}

/** Where the intermediate tells of init, whom nobody knows before. */
const telling = (places: readonly Place[]): Place[] => {
  const own = places.filter(({ role }) => role === 'intermediate');
  return own.slice(own.findIndex(({ call }) => call === 'clone') + 1).filter(({ call }) => call === 'write');
};

describe('SIGKILL of the intermediate before it has told of init', () => {
  for (const verb of ['create', 'run', 'exec'] as const) {
    clause(
      `RT-033 of ${verb}: init ends, also in a cgroup in which nobody may look for it`,
      async (box) => {
        const victim = await Victim.made(box, 'a cgroup that was there before');
        const places = telling(await placesWithout(victim, verb));
        expect(places).not.toEqual([]);
        for (const place of places) expect(await killAt(victim, verb, place)).toBe(true);
        await victim.close();
      },
      'runts',
      'probe',
      'x86-64',
      'a static executable',
    );
  }
});

describe('SIGKILL at any moment', () => {
  for (const way of Object.keys(ways)) {
    for (const verb of [...verbs, ...criuVerbs].filter((each) => applies(each, way))) {
      clause(
        `RT-033 CLI-029 RT-059 of ${verb}, with ${way}: what is there afterwards is known, and can be removed`,
        async (box) => {
          const victim = await Victim.made(box, way);
          const places = await placesWithout(victim, verb);
          const chosen = wanted === 'all' ? places : fc.sample(fc.constantFrom(...places), { seed, numRuns: Number(wanted) });
          const findings: string[] = [];
          let died = 0;
          for (const place of chosen) {
            try {
              if (await killAt(victim, verb, place)) died++;
            } catch (error) {
              findings.push(`${placeName(place)}: ${error instanceof Error ? error.message : error}`);
              await victim.recover();
            }
          }
          await victim.close();
          if (wanted === 'all') console.log(`${verb}, ${way}: ${places.length} places, ${died} deaths, ${findings.length} findings`);
          expect(findings, `DEATHS_SEED=${seed}`).toEqual([]);
        },
        'runts',
        'probe',
        'x86-64',
        // These start nobody; and how often an engine with threads calls the kernel is another number every time.
        ...(['create', 'run', 'exec'].includes(verb) ? [] : (['a static executable'] as const)),
        ...(verb === 'checkpoint' || verb === 'restore' ? (['CRIU'] as const) : []),
      );
    }
  }
});
