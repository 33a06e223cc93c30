import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { clause } from '../harness/clause.ts';
import { isStatic } from '../harness/needs.ts';
import { findRuntime, slowness } from '../harness/suite.ts';
import { afterCut, afterEveryCut, type Change, changesOf, describeTree, recording, restore, type Tree } from './power-cut.ts';
import { anyCut, Device } from './power-device.ts';

/** POWER_CUTS=all tries every state that the model has; a number is how many of them. POWER_SEED repeats a sample. */
const wanted = process.env['POWER_CUTS'] ?? (isStatic(findRuntime().command) ? '20' : '5');
const seed = Number(process.env['POWER_SEED'] ?? 1);
/** POWER_DEVICE=200 is how often the power of a real device is cut; else the model of power-cut.ts stands for it. */
const cuts = Number(process.env['POWER_DEVICE'] ?? 0);
vi.setConfig({ testTimeout: process.env['POWER_CUTS'] === undefined && cuts === 0 ? slowness * 240_000 : 0 });

const chosen = <T>(all: readonly T[]): T[] =>
  wanted === 'all' ? [...all] : fc.sample(fc.constantFrom(...all), { seed, numRuns: Number(wanted) });

class Disk {
  readonly box: Box;
  readonly bundle: Bundle;
  private readonly global: readonly string[];

  constructor(box: Box, global: readonly string[]) {
    this.box = box;
    this.global = global;
    this.bundle = box.bundle((config) => {
      config.process.args = ['sleep', '1000'];
      config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', ':'], env: [...box.marks] }] };
    });
  }

  get record(): string {
    return `${this.bundle.id}/state.json`;
  }

  /** What each command of a container's life changes in the state root. */
  async life(): Promise<Change[][]> {
    const { directory, id } = this.bundle;
    const file = join(this.box.directory, 'calls');
    const life: Change[][] = [];
    for (const words of [
      ['create', '--bundle', directory, id],
      ['start', id],
      ['pause', id],
      ['resume', id],
      ['delete', '--force', id],
    ]) {
      (await this.box.runtime(words, { global: this.global, through: recording(file) })).ok();
      life.push(changesOf(file, this.box.stateRoot));
    }
    return life;
  }

  /** The commands see what is there; `delete --force` mends it, whatever it is, and the id is free again. */
  async expectMended(tree: Tree, records: readonly string[]): Promise<void> {
    const { box, bundle, record } = this;
    const { id } = bundle;
    restore(tree, box.stateRoot);
    const state = await box.runtime(['state', id]);
    const content = tree.get(record)?.toString();
    if (content === undefined) {
      expect(state.status, state.stderr).toBe(1);
      expect(state.stderr).toContain(`container does not exist: ${id}`);
    } else if (records.includes(content)) {
      // The machine has started again: nothing of it runs.
      expect(state.ok().json<{ status: string }>().status).toMatch(/^(creating|stopped)$/);
    } else {
      expect(state.status, 'state of a damaged record').toBe(1);
      expect(state.stderr).toContain(`the state of container ${id} is damaged: `);
    }
    (await box.runtime(['list'])).ok();
    (await box.runtime(['delete', '--force', id])).ok();
    expect(box.leftovers()).toEqual([]);
    (await box.tryCreate(bundle)).ok();
    (await box.runtime(['delete', '--force', id])).ok();
    expect(box.leftovers()).toEqual([]);
  }
}

/** Contents that a file of that name has had as a whole, in order. */
function contentsOf(changes: readonly Change[], name: string): string[] {
  const contents: string[] = [];
  changes.forEach((change, index) => {
    const isNew = change.kind === 'rename' && change.to === name;
    const [now] = isNew ? afterCut(changes.slice(0, index + 1)) : [];
    const content = now?.get(name)?.toString();
    if (content !== undefined) contents.push(content);
  });
  return contents;
}

/** Which of the records must be there at least, the first being 1: the last that a sync of its folder has followed. */
function leastRecord(changes: readonly Change[], name: string): number {
  const folder = name.slice(0, name.lastIndexOf('/'));
  const synced = changes.findLastIndex(({ kind, path }) => kind === 'sync' && path === folder);
  return changes.slice(0, synced + 1).filter((change) => change.kind === 'rename' && change.to === name).length;
}

describe('a cut of the power', () => {
  for (const global of [[], ['--sync-state']]) {
    clause(
      `RT-059 CLI-029 CLI-063 at any moment of a container's life${global.map((flag) => `, with ${flag}`)}: a record that was written, none, or a damage that is told; delete --force mends it`,
      async (box) => {
        const disk = new Disk(box, global);
        const changes = (await disk.life()).flat();
        const records = contentsOf(changes, disk.record);
        expect(records.length).toBeGreaterThan(1);
        const states = afterEveryCut(changes);
        const findings: string[] = [];
        for (const tree of chosen(states)) {
          await disk.expectMended(tree, records).catch((error: unknown) => {
            findings.push(`${describeTree(tree)}: ${error instanceof Error ? error.message : error}`);
            box.sweep();
          });
        }
        if (wanted === 'all') console.log(`${global}: ${changes.length} changes, ${states.length} states, ${findings.length} findings`);
        expect(findings, `POWER_SEED=${seed}`).toEqual([]);
      },
      'runts',
      '/usr/bin/strace',
    );
  }

  clause(
    'CLI-002 with --sync-state leaves the old record or the new, never neither, and the new one once the command has ended',
    async (box) => {
      const disk = new Disk(box, ['--sync-state']);
      const [created = [], started = []] = await disk.life();
      const changes = [...created, ...started];
      const records = contentsOf(changes, disk.record);
      for (let count = 0; count <= changes.length; count++) {
        const before = changes.slice(0, count);
        const least = leastRecord(before, disk.record);
        for (const tree of afterCut(before)) {
          const content = tree.get(disk.record)?.toString();
          const found = content === undefined ? 0 : records.lastIndexOf(content) + 1;
          expect(content === undefined || found > 0, `a record that nobody wrote: ${describeTree(tree)}`).toBe(true);
          expect(found, `record ${least} or later: ${describeTree(tree)}`).toBeGreaterThanOrEqual(least);
        }
      }
      expect(leastRecord(created, disk.record)).toBe(records.length);
    },
    'runts',
    '/usr/bin/strace',
  );
});

const mkdirCall = 83;
const refused = '1\n';

describe('a cut of the power while a compiled seccomp filter is kept', () => {
  clause(
    'LNX-157 leaves no filter that lets through what the profile refuses: a kept one is whole',
    async (box) => {
      mkdirSync(join(box.directory, 'run'));
      const ownRun = ['unshare', '--mount', 'sh', '-c', `mount --bind ${box.directory}/run /run && exec "$@"`, 'sh'];
      const bundle = box.bundle((config) => {
        config.process.args = ['probe', 'syscall', String(mkdirCall), '=/tmp/x', '493'];
        // Long enough that pages of it can be lost, with what is tried in its middle.
        const values = Array.from({ length: 401 }, (_, index) => 493 - 200 + index);
        config.linux.seccomp = {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: values.map((value) => ({
            names: ['personality', 'mkdir'],
            action: 'SCMP_ACT_ERRNO',
            args: [{ index: 1, value, op: 'SCMP_CMP_EQ' }],
          })),
        };
      });
      const file = join(box.directory, 'calls');
      (await box.run(bundle, { through: [...ownRun, ...recording(file)] })).ok();
      const directory = join(box.directory, 'run/runts~seccomp');
      const [name = ''] = readdirSync(directory);
      const whole = readFileSync(join(directory, name));
      const changes = changesOf(file, '/run/runts~seccomp');
      expect(changes.map(({ kind }) => kind)).toContain('rename');
      const torn = afterEveryCut(changes).filter((tree) => tree.has(name) && !tree.get(name)?.equals(whole));
      const lets: string[] = [];
      for (const tree of torn) {
        restore(tree, directory);
        const result = await box.run(bundle, { through: ownRun });
        if (result.stdout !== refused) lets.push(`${result.stdout}${result.stderr}`);
      }
      expect(lets, `${torn.length} torn filters of ${whole.length} bytes`).toEqual([]);
      expect(torn).toEqual([]);
    },
    'runts',
    'probe',
    '/usr/bin/strace',
  );
});

if (cuts > 0)
  describe('a cut of the power of a real device', () => {
    for (const global of [[], ['--sync-state']])
      clause(
        `RT-059 CLI-002 CLI-029 ${cuts} times${global.map((flag) => `, with ${flag}`)}: delete --force mends what the disk holds`,
        async (box) => {
          const device = new Device(box, global);
          const findings: string[] = [];
          for (const each of fc.sample(anyCut, { seed, numRuns: cuts })) {
            await device.cut(each).catch((error: unknown) => {
              findings.push(`${JSON.stringify(each)}: ${error instanceof Error ? error.message : error}`);
              device.recover();
            });
          }
          console.log(`${cuts} cuts ${global}: ${JSON.stringify(device.tally)}, ${findings.length} findings`);
          device.close();
          expect(findings, `POWER_SEED=${seed}`).toEqual([]);
        },
        'runts',
        'probe',
        'a static executable',
        '/dev/loop-control',
        '/usr/sbin/mkfs.ext4',
      );
  });
