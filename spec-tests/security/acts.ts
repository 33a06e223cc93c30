import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import { type Result, until } from '../harness/command.ts';
import { Container } from '../harness/container.ts';
import { portraitEnd } from '../harness/portrait.ts';
import { limits } from '../harness/update.ts';
import { Act, type Kind } from './act.ts';

/** A line for each limit, and for each rule of devices. */
export const limitLines = (container: Container): string[] =>
  Object.entries(limits(container)).flatMap(([name, value]) => value.split('\n').map((line) => `${name}: ${line}`));

const pidFile = (act: Act): string => join(act.box.directory, 'pid');

/** create, and then start, which is not made to fail. */
export class Create extends Act {
  constructor(box: Box, kind: Kind) {
    super(box, kind, 'exec sleep 1000');
  }

  get args(): string[] {
    return ['create', '--bundle', this.bundle.directory, '--pid-file', pidFile(this), ...this.options, this.id];
  }

  /** Whether the caller has yet to start it. */
  get starts(): boolean {
    return true;
  }

  override async failed(): Promise<void> {
    await until('nothing is left', () => this.box.leftovers().filter((line) => !line.includes('probe console')).length === 0).catch(() => {
      throw new Error(`left behind: ${this.box.leftovers().join('; ')}`);
    });
  }

  async effect(result: Result): Promise<string[]> {
    const container = new Container(this.box, this.bundle, Number(readFileSync(pidFile(this), 'utf8')), result);
    if (this.starts) await container.start();
    const painted = await this.painted(result);
    const member = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8').replaceAll(this.id, 'ID');
    return [await container.status(), ...painted, member, ...limitLines(container)];
  }
}

/** run --detach. */
export class RunDetached extends Create {
  override get args(): string[] {
    return ['run', '--detach', ...super.args.slice(1)];
  }

  override get starts(): boolean {
    return false;
  }
}

/** start of a container that was created without a fault. */
export class Start extends Create {
  private created: Result | undefined;

  override async before(): Promise<void> {
    await super.before();
    this.created = (await this.box.runtime(super.args)).ok();
  }

  override get args(): string[] {
    return ['start', this.id];
  }

  override get starts(): boolean {
    return false;
  }

  override async failed(): Promise<void> {
    // Before init was asked, the container is as it was.
    const state = await this.box.runtime(['state', this.id]);
    if (state.status === 0 && state.json<{ status: string }>().status === 'created') return;
    await super.failed();
  }

  override effect(): Promise<string[]> {
    return super.effect(this.created as Result);
  }
}

/** run in the foreground. */
export class Run extends Act {
  override readonly success = 7;

  constructor(box: Box, kind: Kind) {
    super(box, kind, 'exit 7');
  }

  get args(): string[] {
    return ['run', '--bundle', this.bundle.directory, ...this.options, this.id];
  }

  /** Its program has run: then what could not be removed is said, and stays for delete --force. */
  async effect(result: Result): Promise<string[]> {
    const left = () => this.box.leftovers();
    await until('nothing is left', () => left().length === 0 || hasWarned(this)).catch(() => {
      throw new Error(`left behind without a word: ${left().join('; ')}`);
    });
    return this.painted(result);
  }

  override async failed(): Promise<void> {
    await until('nothing is left', () => this.box.leftovers().length === 0).catch(() => {
      throw new Error(`left behind: ${this.box.leftovers().join('; ')}`);
    });
  }
}

const hasWarned = (act: Act): boolean => existsSync(act.log) && readFileSync(act.log, 'utf8').includes('CLEANUP_FAILED');

/** exec in one container that stays through all attempts. */
export class Exec extends Act {
  override readonly success: number = 7;
  override readonly failure: number = 255;
  private container: Container | undefined;
  private tasks = '';

  /** The shell stays the first process, and reaps what a killed one leaves: what nobody reaps counts for pids.max. */
  constructor(box: Box, kind: Kind) {
    super(box, kind, 'sleep 1000; exit');
  }

  get args(): string[] {
    return ['exec', this.id, 'sh', '-c', 'sh /bin/portrait; exit 7'];
  }

  override async before(): Promise<void> {
    rmSync(this.log, { force: true });
    if (this.container) return;
    this.container = await this.box.started(this.bundle);
    await this.container.prints(new RegExp(portraitEnd));
    // The shell's `sleep` comes after the portrait.
    await until('the container is at rest', () => this.processes().length === 2 || undefined);
    this.tasks = this.container.control('pids', 'pids.current');
  }

  async effect(result: Result): Promise<string[]> {
    return this.painted(result);
  }

  override async recover(): Promise<void> {
    await super.recover();
    this.container = undefined;
  }

  /** Nothing of the failed process stays, and the container does. */
  override async failed(): Promise<void> {
    expect(await this.container?.status()).toBe('running');
  }

  override async after(): Promise<void> {
    // Zombies are among the tasks that are counted, and not among the processes.
    const tasks = () => this.container?.control('pids', 'pids.current');
    await until('the process has gone', () => tasks() === this.tasks || undefined).catch(() => {
      throw new Error(`left behind: ${tasks()} tasks in place of ${this.tasks}, processes ${this.processes()}`);
    });
  }

  private processes(): string[] {
    return (this.container?.control('pids', 'cgroup.procs') ?? '').split('\n');
  }
}

/** delete --force of a running container. */
export class Delete extends Act {
  constructor(box: Box, kind: Kind) {
    super(box, kind, 'exec sleep 1000');
  }

  get args(): string[] {
    return ['delete', '--force', this.id];
  }

  override async before(): Promise<void> {
    rmSync(this.log, { force: true });
    (await this.box.runtime(['run', '--detach', '--bundle', this.bundle.directory, this.id])).ok();
  }

  async effect(): Promise<string[]> {
    await until('nothing is left', () => this.box.leftovers().length === 0).catch(() => {
      throw new Error(`left behind: ${this.box.leftovers().join('; ')}`);
    });
    return [];
  }
}

/** update of one container, whose limits are set back after every attempt. */
export class Update extends Exec {
  override readonly success = 0;
  override readonly failure = 1;
  private limited: Container | undefined;
  private original = '';

  override get args(): string[] {
    return ['update', '--memory', '50331648', '--memory-swap', '75497472', '--cpu-share', '256', '--pids-limit', '15', this.id];
  }

  override async before(): Promise<void> {
    rmSync(this.log, { force: true });
    if (this.limited) return;
    this.limited = await this.box.started(this.bundle);
    this.original = JSON.stringify(limits(this.limited));
    writeFileSync(join(this.box.directory, 'original'), JSON.stringify(this.bundle.config.linux.resources));
  }

  override async recover(): Promise<void> {
    await super.recover();
    this.limited = undefined;
  }

  override async effect(): Promise<string[]> {
    return limitLines(this.limited as Container);
  }

  override async failed(): Promise<void> {
    expect(JSON.stringify(limits(this.limited as Container)), 'limits after a failed update').toBe(this.original);
  }

  override async after(): Promise<void> {
    (await this.box.runtime(['update', '--resources', join(this.box.directory, 'original'), this.id])).ok();
    expect(JSON.stringify(limits(this.limited as Container))).toBe(this.original);
  }
}
