import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { criuPath } from '../harness/criu.ts';
import { isStatic } from '../harness/needs.ts';
import { findRuntime, slowness } from '../harness/suite.ts';
import { applies, criuVerbs, type Verb, Victim, verbs, ways } from './victim.ts';

/** DEATHS_ROUNDS=2000 is the long form; DEATHS_SEED repeats the choices, though not what the machine makes of the moments. */
const rounds = Number(process.env['DEATHS_ROUNDS'] ?? (isStatic(findRuntime().command) ? 40 : 4));
const seed = Number(process.env['DEATHS_SEED'] ?? 1);
/** DEATHS_WAYS=systemd leaves out all ways (victim.ts) whose names it does not match. */
const tried = Object.keys(ways).filter((way) => new RegExp(process.env['DEATHS_WAYS'] ?? '').test(way));
/** Those that have CRIU do it where there is one. */
const allVerbs: readonly Verb[] = isStatic(findRuntime().command) && criuPath() !== undefined ? [...verbs, ...criuVerbs] : verbs;
vi.setConfig({ testTimeout: process.env['DEATHS_ROUNDS'] === undefined ? slowness * 400_000 : 0 });

interface Round {
  readonly way: string;
  readonly verb: Verb;
  /** Who dies: the command, a process that it has started (intermediate, init, hook), or the init that there was before. */
  readonly who: 'runtime' | 'descendant' | 'init';
  /** When, as a part of what the command took before. */
  readonly moment: number;
}

const anyRound = fc
  .record<Round>({
    way: fc.constantFrom(...tried),
    verb: fc.constantFrom(...allVerbs),
    who: fc.constantFrom('runtime', 'runtime', 'descendant', 'init'),
    moment: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .filter(({ verb, way }) => applies(verb, way));

const starts = (verb: Verb): boolean => verb === 'create' || verb === 'run' || verb === 'exec' || verb === 'restore';

/** What happened, and how long the command took, in nanoseconds. */
interface Fate {
  readonly killed: boolean;
  readonly took: number;
}

class Deaths {
  /** How long commands have taken, of late. */
  private readonly durations = new Map<string, number>();
  private readonly box: Box;
  readonly tally = { runtime: 0, descendant: 0, init: 0, late: 0 };

  constructor(box: Box) {
    this.box = box;
  }

  private async fate(victim: Victim, verb: Verb, who: string, delay: number): Promise<Fate> {
    const file = join(this.box.directory, 'fate');
    rmSync(file, { force: true });
    const through = [this.box.suite.probe, 'die', file, String(Math.round(delay)), who];
    const result = await this.box.runtime(victim.args(verb), { ...victim.options, through });
    expect(result.status, 'the command hangs').not.toBe(124);
    const [word, took = '0'] = readFileSync(file, 'utf8').split(' ');
    return { killed: word === 'killed', took: Number(took) };
  }

  async round(victim: Victim, round: Round): Promise<void> {
    const { verb, moment } = round;
    const duration = this.durations.get(verb) ?? (verb === 'checkpoint' || verb === 'restore' ? 200e6 : 10e6);
    const init = await victim.before(verb);
    const who = round.who !== 'runtime' && starts(verb) && verb !== 'exec' ? 'descendant' : round.who;
    const { killed, took } = await this.fate(victim, verb, who === 'init' && init !== undefined ? String(init) : who, moment * duration);
    if (killed) this.tally[who]++;
    else this.tally.late++;
    // Who dies does not show how long the command takes: a little more, until one is late.
    this.durations.set(verb, killed ? duration * 1.1 : took);
    await victim.after(verb === 'restore' ? 'restore' : 'run');
  }
}

describe('SIGKILL at random moments', () => {
  clause(
    `RT-033 CLI-029 RT-059 of ${rounds} commands of all kinds: what is there afterwards is known, and can be removed`,
    async (box) => {
      const deaths = new Deaths(box);
      const findings: string[] = [];
      const chosen = fc.sample(anyRound, { seed, numRuns: rounds });
      let done = 0;
      for (const way of new Set(chosen.map((round) => round.way))) {
        const victim = await Victim.made(box, way);
        for (const round of chosen.filter((each) => each.way === way)) {
          try {
            await deaths.round(victim, round);
          } catch (error) {
            const { verb, who, moment } = round;
            findings.push(`${verb} with ${way}, ${who} at ${moment.toFixed(4)}: ${error instanceof Error ? error.message : error}`);
            await victim.recover();
          }
          if (++done % 50 === 0) console.log(`${done} rounds, ${JSON.stringify(deaths.tally)}, findings: ${JSON.stringify(findings)}`);
        }
        await victim.close();
      }
      if (process.env['DEATHS_ROUNDS'] !== undefined) console.log(`${rounds} rounds, ${JSON.stringify(deaths.tally)}`);
      expect(findings, `DEATHS_SEED=${seed}`).toEqual([]);
      // Of a few all may be late.
      if (rounds >= 40) expect(deaths.tally.runtime, 'deaths of the runtime').toBeGreaterThan(0);
    },
    'runts',
    'probe',
    '/proc/thread-self/children',
  );
});
