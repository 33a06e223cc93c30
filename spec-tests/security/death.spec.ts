import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { until } from '../harness/command.ts';
import { type Config, dropNamespace } from '../harness/config.ts';
import { injected, type Place, placeName, placesOf } from '../harness/inject.ts';
import { cgroupMounts } from '../harness/suite.ts';

/** DEATHS=all kills at every place; a number is how many times each test kills. DEATHS_SEED repeats a run. */
const wanted = process.env['DEATHS'] ?? '2';
const seed = Number(process.env['DEATHS_SEED'] ?? 1);
if (process.env['DEATHS'] !== undefined) vi.setConfig({ testTimeout: 0 });

/** What leads from the record to the processes, in each way that there is. */
const ways: Readonly<Record<string, { readonly global?: readonly string[]; readonly change?: (config: Config) => void }>> = {
  'a cgroup of its own': {},
  "a cgroup of its own and the host's pid namespace": { change: (config) => dropNamespace(config, 'pid') },
  'a cgroup that was there before': {
    change: (config) => {
      config.linux.cgroupsPath = `${config.linux.cgroupsPath}.shared`;
    },
  },
  'no cgroup': { global: ['--cgroup-manager', 'disabled'] },
  "no cgroup and the host's pid namespace": {
    global: ['--cgroup-manager', 'disabled'],
    change: (config) => dropNamespace(config, 'pid'),
  },
};

const verbs = ['create', 'start', 'run', 'exec', 'delete'] as const;
type Verb = (typeof verbs)[number];

class Victim {
  readonly box: Box;
  readonly verb: Verb;
  readonly global: readonly string[];
  private readonly bundle;
  private readonly shared: readonly string[];

  constructor(box: Box, verb: Verb, way: string) {
    this.box = box;
    this.verb = verb;
    const { global = [], change = () => {} } = ways[way] ?? {};
    this.global = global;
    this.bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', verb === 'run' ? 'exit 7' : 'exec sleep 1000'];
      // A hook of each side, so that there are moments in which one runs.
      const hook = [{ path: '/bin/sh', args: ['sh', '-c', ':'], env: [...box.marks] }];
      config.hooks = { createRuntime: hook, startContainer: hook };
      change(config);
    });
    const { cgroupsPath = '' } = this.bundle.config.linux;
    this.shared = cgroupsPath.endsWith('.shared') ? cgroupMounts().map((mount) => join(mount, cgroupsPath)) : [];
  }

  private call(...args: string[]) {
    return this.box.runtime(args, { global: this.global });
  }

  private get args(): string[] {
    const { directory, id } = this.bundle;
    return {
      create: ['create', '--bundle', directory, id],
      run: ['run', '--bundle', directory, id],
      start: ['start', id],
      exec: ['exec', id, 'true'],
      delete: ['delete', '--force', id],
    }[this.verb];
  }

  private async before(): Promise<void> {
    const { directory, id } = this.bundle;
    for (const path of this.shared) mkdirSync(path, { recursive: true });
    if (this.verb === 'start') (await this.call('create', '--bundle', directory, id)).ok();
    if (this.verb === 'exec' || this.verb === 'delete') (await this.call('run', '--detach', '--bundle', directory, id)).ok();
  }

  /** Whatever the killed command has left, is seen by those that come after it, and goes. */
  private async after(): Promise<void> {
    const { directory, id } = this.bundle;
    const state = await this.call('state', id);
    expect([0, 1], `state: ${state.stderr}`).toContain(state.status);
    if (state.status === 1) expect(state.stderr).toMatch(/does not exist|damaged/);
    expect((await this.call('list')).status).toBe(0);
    const removal = await this.call('delete', '--force', id);
    expect(removal.status, `delete --force: ${removal.stderr}`).toBe(0);
    await this.expectNothing();
    const again = await this.call('run', '--detach', '--bundle', directory, id);
    expect(again.status, `run of the same id: ${again.stderr}`).toBe(0);
    expect((await this.call('delete', '--force', id)).status).toBe(0);
    await this.expectNothing();
  }

  private async expectNothing(): Promise<void> {
    await until('nothing is left', () => this.box.leftovers().length === 0).catch(() => {
      throw new Error(`left behind: ${this.box.leftovers().join('; ')}`);
    });
  }

  async places(): Promise<Place[]> {
    await this.before();
    const { result, places } = await placesOf(this.box, this.args, { global: this.global });
    expect(result.status, String(result)).toBe(this.verb === 'run' ? 7 : 0);
    await this.call('delete', '--force', this.bundle.id);
    return places;
  }

  /** @returns whether it came to the place, and died there. */
  async kill(place: Place): Promise<boolean> {
    await this.before();
    const { result, hit } = await injected(this.box, this.args, place, 'SIGKILL', { global: this.global });
    // Of the runtime it is the end; of any other process it hears, and ends by itself.
    if (hit?.role === 'runtime') expect(result.status).toBe(137);
    else expect(result.status, result.stderr).toBeLessThan(256);
    expect(result.status, 'the command hangs').not.toBe(124);
    await this.after();
    return hit !== undefined;
  }

  close(): void {
    this.box.sweep();
    for (const path of this.shared) rmdirSync(path);
  }
}

describe('SIGKILL at any moment', () => {
  for (const way of Object.keys(ways)) {
    for (const verb of verbs) {
      clause(
        `RT-033 CLI-029 RT-059 of ${verb}, with ${way}: what is there afterwards is known, and can be removed`,
        async (box) => {
          const victim = new Victim(box, verb, way);
          const places = await victim.places();
          const chosen = wanted === 'all' ? places : fc.sample(fc.constantFrom(...places), { seed, numRuns: Number(wanted) });
          const findings: string[] = [];
          let died = 0;
          for (const place of chosen) {
            try {
              if (await victim.kill(place)) died++;
            } catch (error) {
              findings.push(`${placeName(place)}: ${error instanceof Error ? error.message : error}`);
              victim.close();
            }
          }
          victim.close();
          if (wanted === 'all') console.log(`${verb}, ${way}: ${places.length} places, ${died} deaths, ${findings.length} findings`);
          expect(findings, `DEATHS_SEED=${seed}`).toEqual([]);
        },
        'runts',
        'probe',
        'x86-64',
        // These start nobody; and how often an engine with threads calls the kernel is another number every time.
        ...(verb === 'start' || verb === 'delete' ? (['a static executable'] as const) : []),
      );
    }
  }
});
