// A race: a container is made again and again while somebody outside, who may write to a volume or to the rootfs, exchanges names there.
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { Canary } from '../harness/canary.ts';
import { clause } from '../harness/clause.ts';
import { type Config, dropNamespace } from '../harness/config.ts';
import { confine } from '../harness/confinement.ts';
import { findRuntime } from '../harness/suite.ts';
import { judge, publish, type Rounds, sum } from './verdict.ts';

/** RACES=10000 is the long form. Node takes ten times as long to start as all else takes. */
const COUNT = Number(process.env['RACES'] ?? (findRuntime().command.length > 1 ? 4 : 30));
/** How many containers are made at a time, each from a bundle of its own. */
const LANES = Number(process.env['RACES_LANES'] ?? 1);
const SEED = Number(process.env['RACES_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const isLong = COUNT >= 1000;
/** Longest time that one container of a race may take on average, in milliseconds: the long form gets what others leave of the machine. */
const EACH = isLong ? 10_000 : 1000;
if (isLong) vi.setConfig({ testTimeout: 60_000 + COUNT * EACH });

/** Where the parts of a race lie. */
export interface Scene {
  readonly bundle: Bundle;
  readonly config: Config;
  /** The directory of the host that nothing of the container may reach or change (harness/canary.ts). */
  readonly canary: string;
  /** A directory of the host that is the attack's own. */
  readonly volume: string;
  /** A directory of the rootfs, as the container names it, that is the attack's own. */
  readonly place: string;
}

/** Two names that are exchanged, and what of the container depends on them. */
export interface Attack {
  readonly pair: (scene: Scene) => readonly [string, string];
  /** Makes both names and whatever else is needed. */
  readonly arrange: (scene: Scene) => void;
  /** What the container looks at: words for `probe look`. */
  readonly look: (scene: Scene) => readonly string[];
  /** What is printed when nobody exchanges anything: by the container, or by the runtime that refuses to make it. */
  readonly first: RegExp;
  /** The same with the names the other way round. */
  readonly second: RegExp;
  /** What a container may print besides when they change between two steps. */
  readonly mixed?: RegExp;
  /** Removed before each round, so that it is made anew. */
  readonly remove?: (scene: Scene) => readonly string[];
}

export interface RaceOptions {
  readonly terminal?: true;
}

/** A bundle and a scene for each attack on it. */
function makeScenes(box: Box, canary: Canary, attacks: readonly Attack[], { terminal }: RaceOptions, lane: string): Scene[] {
  let scenes: Scene[] = [];
  box.bundle((config, bundle) => {
    dropNamespace(config, 'network');
    config.mounts.push({ destination: '/proof', type: 'proc', source: 'proof' });
    scenes = attacks.map((attack, index) => {
      const volume = join(lane, `volume-${index}`);
      const scene = { bundle, config, canary: canary.directory, volume, place: `/data/${index}` };
      mkdirSync(scene.volume);
      mkdirSync(join(bundle.rootfs, scene.place));
      attack.arrange(scene);
      return scene;
    });
    const look = attacks.flatMap((attack, index) => [...(index > 0 ? ['next'] : []), ...attack.look(scenes[index] as Scene)]);
    config.process.args = ['probe', 'look', ...look];
    if (terminal) config.process.terminal = true;
  });
  return scenes;
}

function exchange([first, second]: readonly [string, string]): void {
  const meanwhile = `${first}.meanwhile`;
  renameSync(first, meanwhile);
  renameSync(second, first);
  renameSync(meanwhile, second);
}

/** One bundle with its attacks. */
class Lane {
  private readonly box: Box;
  private readonly attacks: readonly Attack[];
  private readonly options: RaceOptions;
  private readonly scenes: readonly Scene[];
  private readonly pairs: readonly (readonly [string, string])[];
  readonly canary: Canary;

  constructor(box: Box, attacks: readonly Attack[], options: RaceOptions, lane: number) {
    this.box = box;
    this.attacks = attacks;
    this.options = options;
    const directory = join(box.directory, `lane-${lane}`);
    mkdirSync(directory);
    this.canary = new Canary(directory);
    this.scenes = makeScenes(box, this.canary, attacks, options, directory);
    this.pairs = attacks.map((attack, index) => attack.pair(this.scenes[index] as Scene));
  }

  private each<T>(part: (attack: Attack, scene: Scene) => readonly T[] | undefined): T[] {
    return this.attacks.flatMap((attack, index) => part(attack, this.scenes[index] as Scene) ?? []);
  }

  exchangeAll(): void {
    for (const pair of this.pairs) exchange(pair);
  }

  /** Makes containers one after another, each from the same bundle. */
  async run(count: number, seed: number, exchanging: boolean): Promise<Rounds> {
    const { bundle } = this.scenes[0] as Scene;
    const command = this.box.insideWords(['run', '--bundle', bundle.directory, bundle.id]);
    const remove = ['remove', ...this.each(({ remove: paths }, scene) => paths?.(scene))];
    const attack = [...(exchanging ? this.pairs.flat() : []), ...remove];
    const words = ['race', ...(this.options.terminal ? ['tty'] : []), String(count), String(seed), ...attack, '--', ...command];
    return (await this.box.inside([this.box.suite.probe, ...words], { timeout: 30_000 + count * EACH })).ok().json<Rounds>();
  }
}

/** One test, of runts alone unless RACES_PEERS=1: who loses a race does so by chance. All names as they are, all exchanged, then the race between the two. */
export function race(title: string, attacks: readonly Attack[], options: RaceOptions = {}): void {
  const body = async (box: Box): Promise<void> => {
    await confine(box);
    const lanes = Array.from({ length: LANES }, (_, lane) => new Lane(box, attacks, options, lane));
    const all = (count: number, exchanging: boolean) => Promise.all(lanes.map((lane, index) => lane.run(count, SEED + index, exchanging)));
    for (const [state, other] of [
      ['first', 'second'],
      ['second', 'first'],
    ] as const) {
      const alone = judge(attacks, await all(1, false));
      expect({ state, ...alone }).toMatchObject({ state, faults: [], [other]: attacks.map(() => 0) });
      for (const lane of lanes) lane.exchangeAll();
    }
    const verdict = judge(attacks, await all(Math.ceil(COUNT / LANES), true));
    publish({ race: title, seed: SEED, ...verdict, faults: sum(verdict.faults) }, isLong);
    for (const lane of lanes) lane.canary.check();
    expect({ seed: SEED, faults: verdict.faults }).toEqual({ seed: SEED, faults: [] });
    // Where much is made nothing is left to chance: a state that is never seen proves nothing.
    if (isLong) expect(Math.min(...verdict.first, ...verdict.second, verdict.contested)).toBeGreaterThan(COUNT / 500);
  };
  clause(title, body, 'probe', ...(process.env['RACES_PEERS'] === '1' ? [] : (['runts'] as const)));
}
