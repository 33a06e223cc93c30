import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import { type Result, until } from '../harness/command.ts';
import { Container, type State } from '../harness/container.ts';
import { withCriu } from '../harness/criu.ts';
import type { CallOptions } from '../harness/runtime-call.ts';
import { Act, type Kind } from './act.ts';
import { limitLines } from './acts.ts';

/** A program that paints its portrait at its beginning, and once more when there is a file. */
const paintsAgain = 'until [ -e /data/again ]; do usleep 10000; done; sh /bin/portrait; exec sleep 1000';

/** What CRIU is asked for, by a command that is made to fail. */
abstract class CriuAct extends Act {
  constructor(box: Box, kind: Kind) {
    super(box, kind, paintsAgain);
  }

  override get call(): CallOptions {
    return { ...super.call, env: withCriu().env };
  }

  protected get images(): string {
    return join(this.box.directory, 'images');
  }

  protected get pidFile(): string {
    return join(this.box.directory, 'pid');
  }

  protected get places(): string[] {
    const shellJob = this.kind === 'terminal' ? ['--shell-job'] : [];
    return ['--image-path', this.images, '--work-path', `${this.images}-work`, ...shellJob];
  }

  protected get checkpointArgs(): string[] {
    return ['checkpoint', ...this.places, this.id];
  }

  protected get restoreArgs(): string[] {
    const { bundle, pidFile, options, id } = this;
    return ['restore', '--detach', '--bundle', bundle.directory, '--pid-file', pidFile, ...this.places, ...options, id];
  }

  /** The container that is saved, its first portrait painted. */
  protected async begin(): Promise<void> {
    for (const path of [this.images, `${this.images}-work`, join(this.bundle.rootfs, 'data/again')])
      rmSync(path, { recursive: true, force: true });
    const result = await this.box.runtime(['run', '--detach', '--bundle', this.bundle.directory, ...this.options, this.id], this.call);
    await this.painted(result.ok());
  }

  /** Lines that tell of a restored container, which paints itself again. */
  protected async restoredLines(result: Result): Promise<string[]> {
    const container = new Container(this.box, this.bundle, Number(readFileSync(this.pidFile, 'utf8')), result);
    this.bundle.put('/data/again', '');
    // How far its clocks are from the host's is another number every time.
    const painted = (await this.painted(result)).map((line) => line.replace(/^(monotonic|boottime) .*/, '$1'));
    const member = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8').replaceAll(this.id, 'ID');
    return [await container.status(), ...painted, member, ...limitLines(container)];
  }

  protected async nothingIsLeft(): Promise<void> {
    const left = () => this.box.leftovers().filter((line) => !line.includes('probe console'));
    await until('nothing is left', () => left().length === 0).catch(() => {
      throw new Error(`left behind: ${left().join('; ')}`);
    });
  }
}

/** checkpoint of a running container. */
export class Checkpoint extends CriuAct {
  override async before(): Promise<void> {
    await super.before();
    await this.begin();
  }

  get args(): string[] {
    return this.checkpointArgs;
  }

  /** The container is gone, and its images are whole. */
  async effect(): Promise<string[]> {
    await this.nothingIsLeft();
    return this.restorable();
  }

  private async restorable(): Promise<string[]> {
    await this.openReceiver();
    const names = readdirSync(this.images).map((name) => name.replaceAll(/\d+/g, 'N'));
    const again = await this.box.runtime(
      ['restore', '--detach', '--bundle', this.bundle.directory, ...this.places, ...this.options, this.id],
      this.call,
    );
    return [...new Set(names.sort()), `restored with ${again.status}`];
  }

  /** The container goes on as if nothing had been; or all of it was saved before something failed. */
  override async failed(): Promise<void> {
    const { stdout, status } = await this.box.runtime(['state', this.id]);
    const state = status === 0 ? (JSON.parse(stdout) as State) : undefined;
    if (state?.status !== 'running') {
      (await this.box.runtime(['delete', '--force', this.id])).ok();
      expect((await this.restorable()).at(-1), `of a container that is ${state?.status ?? 'gone'}`).toBe('restored with 0');
      return;
    }
    // CRIU has been told, and takes its leave.
    const traced = () => !readFileSync(`/proc/${state.pid}/status`, 'utf8').includes('TracerPid:\t0\n');
    await until('nobody holds its process', () => !traced());
    expect((await this.box.runtime(['exec', this.id, 'true'])).status, 'exec').toBe(0);
    await until('CRIU is gone', () => this.box.leftovers().every((line) => !/^process \d+: (criu|\S*\/criu) /.test(line)));
    this.bundle.put('/data/again', '');
  }
}

/** restore of one checkpoint, again and again. */
export class Restore extends CriuAct {
  override async before(): Promise<void> {
    if (!existsSync(this.images)) {
      await super.before();
      await this.begin();
      (await this.box.runtime(this.checkpointArgs, this.call)).ok();
    }
    await super.before();
    rmSync(join(this.bundle.rootfs, 'data/again'), { force: true });
  }

  get args(): string[] {
    return this.restoreArgs;
  }

  effect(result: Result): Promise<string[]> {
    return this.restoredLines(result);
  }

  override async failed(): Promise<void> {
    await this.nothingIsLeft();
  }
}
