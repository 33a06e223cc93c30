import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { injected, type Place, placesOf } from '../harness/inject.ts';

type Verb = 'create' | 'start' | 'delete';

interface Cut {
  readonly verb: Verb;
  /** The command dies there with the power, as a part of its system calls; 1: it has ended. */
  readonly moment: number;
  /** What somebody brings to the disk all the while: all of it, or what another file needs, which is names without the blocks that they lead to. */
  readonly syncing: 'nothing' | 'everything' | 'another file';
}

export const anyCut = fc.record<Cut>({
  verb: fc.constantFrom('create', 'create', 'start', 'delete'),
  moment: fc.oneof({ weight: 4, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(1) }),
  syncing: fc.constantFrom('nothing', 'everything', 'another file'),
});

/** A state root on a disk of its own: ext4 on a file by way of a loop device. What the file holds is what the disk holds. */
export class Device {
  private readonly box: Box;
  private readonly bundle: Bundle;
  private readonly global: readonly string[];
  private readonly directory: string;
  private readonly image: string;
  private readonly places = new Map<Verb, Place[]>();
  readonly tally = { none: 0, record: 0, damaged: 0 };

  constructor(box: Box, global: readonly string[]) {
    this.box = box;
    this.global = global;
    // In memory, where there is room: what others do to the host's disk would be waited for with every sync.
    this.directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : box.directory, 'runts-spec-disk-'));
    this.image = join(this.directory, 'disk');
    this.bundle = box.bundle((config) => {
      config.process.args = ['sleep', '1000'];
    });
  }

  private args(verb: Verb): string[] {
    const { directory, id } = this.bundle;
    return { create: ['create', '--bundle', directory, id], start: ['start', id], delete: ['delete', '--force', id] }[verb];
  }

  private async host(...words: string[]): Promise<void> {
    (await this.box.host(words)).ok();
  }

  private async mount(image: string): Promise<void> {
    // Nothing is written of itself: only who syncs brings something to the disk.
    await this.host('mount', '-o', 'loop,commit=3000,data=writeback,noauto_da_alloc', image, this.box.stateRoot);
    rmSync(join(this.box.stateRoot, 'lost+found'), { recursive: true, force: true });
  }

  private async format(): Promise<void> {
    rmSync(this.image, { force: true });
    await this.host('truncate', '--size=24M', this.image);
    await this.host('mkfs.ext4', '-q', '-F', this.image);
    await this.mount(this.image);
    await this.host('sync', '-f', this.box.stateRoot);
  }

  /** What the disk holds. It is read until it stays the same: the kernel may still be writing. */
  private async snapshot(): Promise<string> {
    const copies = ['cut', 'again'].map((name) => join(this.directory, name));
    for (;;) {
      for (const copy of copies) copyFileSync(this.image, copy);
      if ((await this.box.host(['cmp', '--silent', ...copies])).status === 0) return copies[0] ?? '';
    }
  }

  private async before(verb: Verb): Promise<void> {
    if (verb !== 'create') (await this.box.runtime(this.args('create'), { global: this.global })).ok();
    if (verb === 'delete') (await this.box.runtime(this.args('start'), { global: this.global })).ok();
  }

  private async placesOf(verb: Verb): Promise<Place[]> {
    const known = this.places.get(verb);
    if (known) return known;
    await this.before(verb);
    const { places } = await placesOf(this.box, this.args(verb), { global: this.global });
    (await this.box.runtime(this.args('delete'))).ok();
    const own = places.filter(({ role }) => role === 'runtime');
    this.places.set(verb, own);
    return own;
  }

  async cut({ verb, moment, syncing }: Cut): Promise<void> {
    const { box, global } = this;
    await this.format();
    const places = await this.placesOf(verb);
    await this.before(verb);
    const other = join(box.stateRoot, '~other');
    const script = {
      nothing: 'exec sleep 1000',
      everything: `while sync -f ${box.stateRoot}; do :; done`,
      'another file': `while echo x >> ${other} && sync ${other}; do :; done`,
    }[syncing];
    const sync = box.background(['sh', '-c', script]);
    const place = places[Math.floor(moment * places.length)];
    if (place) await injected(box, this.args(verb), place, 'SIGKILL', { global });
    else (await box.runtime(this.args(verb), { global })).ok();
    sync.stop();
    await sync.exited;
    const image = await this.snapshot();
    (await box.runtime(this.args('delete'))).ok();
    await this.host('umount', box.stateRoot);
    await this.mount(image);
    await this.expectMended(verb === 'create' && place === undefined);
    await this.host('umount', box.stateRoot);
  }

  private async expectMended(isCreated: boolean): Promise<void> {
    const { box, bundle, global } = this;
    const state = await box.runtime(['state', bundle.id]);
    const what = state.status === 0 ? 'record' : state.stderr.includes('does not exist') ? 'none' : 'damaged';
    if (what === 'damaged') expect(state.stderr).toContain('is damaged: ');
    this.tally[what]++;
    if (global.length > 0) expect(what, `with ${global}`).toMatch(isCreated ? /^record$/ : /^(record|none)$/);
    (await box.runtime(['list'])).ok();
    (await box.runtime(this.args('delete'))).ok();
    expect(existsSync(join(box.stateRoot, bundle.id))).toBe(false);
    (await box.runtime(this.args('create'))).ok();
    (await box.runtime(this.args('delete'))).ok();
    const { processes, cgroups } = box.found();
    expect([processes, cgroups]).toEqual([[], []]);
  }

  /** After a finding. */
  recover(): void {
    this.box.sweep();
  }

  close(): void {
    rmSync(this.directory, { recursive: true });
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(` ${this.box.stateRoot} `);
  }
}
