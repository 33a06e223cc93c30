import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { until } from '../harness/command.ts';
import { type Config, dropNamespace } from '../harness/config.ts';
import type { Container, State } from '../harness/container.ts';
import { withCriu } from '../harness/criu.ts';
import { cgroups } from '../harness/leftovers.ts';
import type { CallOptions } from '../harness/runtime-call.ts';
import { cgroupMode, cgroupMounts } from '../harness/suite.ts';

export const verbs = ['create', 'start', 'run', 'exec', 'delete', 'kill', 'pause', 'resume', 'update'] as const;
/** Those that have CRIU do it. */
export const criuVerbs = ['checkpoint', 'restore'] as const;
export type Verb = (typeof verbs)[number] | (typeof criuVerbs)[number];

interface Way {
  readonly global?: readonly string[];
  readonly change?: (config: Config) => void;
  /** The cgroup is there before, and stays. */
  readonly shares?: true;
  /** Another container has the cgroup: as one that has stopped, or with the victim's below its own. */
  readonly neighbour?: 'stopped' | 'above';
  readonly withoutCgroup?: true;
}

/** What leads from the record to the processes, in each way that there is. */
export const ways: Readonly<Record<string, Way>> = {
  'a cgroup of its own': {},
  "a cgroup of its own and the host's pid namespace": { change: (config) => dropNamespace(config, 'pid') },
  'a cgroup that was there before': {
    change: (config) => {
      config.linux.cgroupsPath = `${config.linux.cgroupsPath}.shared`;
    },
    shares: true,
  },
  'the cgroup of a stopped container': { neighbour: 'stopped' },
  // With cgroup v2 a cgroup with processes has none below it that can be limited.
  ...(cgroupMode === 'v1' ? { 'a cgroup below that of a running container': { neighbour: 'above' } } : {}),
  'no cgroup': { global: ['--cgroup-manager', 'disabled'], withoutCgroup: true },
  "no cgroup and the host's pid namespace": {
    global: ['--cgroup-manager', 'disabled'],
    change: (config) => dropNamespace(config, 'pid'),
    withoutCgroup: true,
  },
  ...(existsSync('/run/systemd/system')
    ? {
        'a scope of systemd': { global: ['--systemd-cgroup'], change: (config: Config) => delete config.linux.cgroupsPath },
        "a scope of systemd and the host's pid namespace": {
          global: ['--systemd-cgroup'],
          change: (config: Config) => {
            delete config.linux.cgroupsPath;
            dropNamespace(config, 'pid');
          },
        },
      }
    : {}),
};

/** Whether the command exists for such a container. CRIU restores processes under the ids that they had, which the host may have given to others. */
export function applies(verb: Verb, way: string): boolean {
  if (verb === 'checkpoint' || verb === 'restore') return !way.includes("host's pid namespace");
  return !(ways[way]?.withoutCgroup && ['pause', 'resume', 'update'].includes(verb));
}

/** "" of one that has just ended. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8');
  } catch {
    return '';
  }
}

/** A container one of whose commands is killed, again and again. */
export class Victim {
  readonly box: Box;
  readonly id: string;
  private readonly way: Way;
  private readonly bundle: Bundle;
  private readonly shared: readonly string[];
  private readonly pidFile: string;
  private neighbour: Container | undefined;

  private constructor(box: Box, way: string) {
    this.box = box;
    this.way = ways[way] ?? {};
    this.bundle = box.bundle((config) => {
      config.process.args = ['sh', '-c', 'exec sleep 1000'];
      // A hook of each side, so that there are moments in which one runs.
      const hook = [{ path: '/bin/sh', args: ['sh', '-c', ':'], env: [...box.marks] }];
      config.hooks = { createRuntime: hook, startContainer: hook };
      this.way.change?.(config);
    });
    this.id = this.bundle.id;
    this.pidFile = join(this.bundle.directory, 'pid');
    const { cgroupsPath = '' } = this.bundle.config.linux;
    this.shared = this.way.shares ? cgroupMounts().map((mount) => join(mount, cgroupsPath)) : [];
  }

  static async made(box: Box, way: string): Promise<Victim> {
    const victim = new Victim(box, way);
    if (victim.way.neighbour) await victim.settle(victim.way.neighbour);
    return victim;
  }

  /** Makes the container that the cgroup is shared with. */
  private async settle(place: 'stopped' | 'above'): Promise<void> {
    const { linux } = this.bundle.config;
    this.neighbour = await this.box.started(
      this.box.bundle((config) => {
        config.process.args = ['sleep', '100000'];
        if (place === 'stopped') linux.cgroupsPath = config.linux.cgroupsPath ?? '';
        else linux.cgroupsPath = `${config.linux.cgroupsPath}/below`;
      }),
    );
    this.bundle.write();
    if (place === 'above') return;
    (await this.neighbour.kill('KILL')).ok();
    await this.neighbour.reaches('stopped');
  }

  private call(...args: string[]) {
    return this.box.runtime(args, this.options);
  }

  /** How every command is called. */
  get options(): CallOptions {
    return { ...withCriu(), global: this.way.global ?? [] };
  }

  private imagesOf(name: string): string[] {
    const [images, work] = [name, `${name}-work`].map((each) => join(this.box.directory, each)) as [string, string];
    return ['--image-path', images, '--work-path', work];
  }

  private removeImages(name: string): void {
    for (const path of this.imagesOf(name)) if (path.startsWith('/')) rmSync(path, { recursive: true, force: true });
  }

  args(verb: Verb): string[] {
    const { bundle, id, pidFile } = this;
    return {
      create: ['create', '--bundle', bundle.directory, '--pid-file', pidFile, id],
      run: ['run', '--bundle', bundle.directory, id],
      start: ['start', id],
      exec: ['exec', id, 'true'],
      delete: ['delete', '--force', id],
      kill: ['kill', id, 'KILL'],
      pause: ['pause', id],
      resume: ['resume', id],
      update: ['update', '--pids-limit', '2000', '--memory', '67108864', id],
      checkpoint: ['checkpoint', ...this.imagesOf('images'), id],
      restore: ['restore', '--detach', '--bundle', bundle.directory, '--pid-file', pidFile, ...this.imagesOf('saved'), id],
    }[verb];
  }

  /** Exit status of a command that nobody has killed. */
  status(verb: Verb): number {
    return verb === 'run' ? 7 : 0;
  }

  /** Brings the container to where the command can be called. @returns the host's pid of its init, if there is one */
  async before(verb: Verb): Promise<number | undefined> {
    const { directory } = this.bundle;
    this.bundle.config.process.args = ['sh', '-c', verb === 'run' ? 'exit 7' : 'exec sleep 1000'];
    this.bundle.write();
    for (const path of this.shared) mkdirSync(path, { recursive: true });
    this.removeImages('images');
    if (verb === 'restore') await this.save();
    if (verb === 'create' || verb === 'run' || verb === 'restore') return undefined;
    if (verb === 'start') (await this.call(...this.args('create'))).ok();
    else (await this.call('run', '--detach', '--bundle', directory, '--pid-file', this.pidFile, this.id)).ok();
    if (verb === 'resume') (await this.call('pause', this.id)).ok();
    return Number((await this.box.host(['cat', this.pidFile])).ok().stdout);
  }

  /** Images that every restore begins with. */
  private async save(): Promise<void> {
    if (existsSync(join(this.box.directory, 'saved'))) return;
    (await this.call('run', '--detach', '--bundle', this.bundle.directory, this.id)).ok();
    (await this.call('checkpoint', ...this.imagesOf('saved'), this.id)).ok();
  }

  /** Once CRIU has heard of the end of a checkpoint: what goes on runs, and can be saved. */
  async goesOn(): Promise<void> {
    await until('CRIU is gone', () => this.box.found().processes.every((pid) => !nameOf(pid).startsWith('criu')));
    const state = await this.call('state', this.id);
    if (state.status !== 0 || state.json<State>().status === 'stopped') return;
    expect(state.json<State>().status).toBe('running');
    expect((await this.call('exec', this.id, 'true')).status, 'exec').toBe(0);
    this.removeImages('images');
    const again = await this.call(...this.args('checkpoint'));
    expect(again.status, `another checkpoint: ${again.stderr}`).toBe(0);
  }

  /** Whatever the killed command has left is seen by those that come after it, and goes. */
  async after(next: 'run' | 'restore' = 'run'): Promise<void> {
    const { id } = this;
    const state = await this.call('state', id);
    expect([0, 1], `state: ${state.stderr}`).toContain(state.status);
    if (state.status === 1) expect(state.stderr).toMatch(/does not exist|damaged/);
    else expect(state.json<State>().status).toMatch(/^(creating|created|running|paused|stopped)$/);
    expect((await this.call('list')).status).toBe(0);
    await this.remove();
    const again = await this.call(...(next === 'run' ? ['run', '--detach', '--bundle', this.bundle.directory, id] : this.args('restore')));
    expect(again.status, `${next} of the same id: ${again.stderr}`).toBe(0);
    await this.remove();
    if (this.neighbour) expect(await this.neighbour.status()).toBe(this.way.neighbour === 'above' ? 'running' : 'stopped');
  }

  /** delete --force, after which nothing is there. */
  async remove(): Promise<void> {
    const removal = await this.call('delete', '--force', this.id);
    expect(removal.status, `delete --force: ${removal.stderr}`).toBe(0);
    await until('nothing is left', () => this.left().length === 0).catch(() => {
      throw new Error(`left behind: ${this.left().join('; ')}`);
    });
  }

  /** What is there that is not the neighbour's. */
  private left(): string[] {
    const { neighbour, id } = this;
    const scopes = ways['a scope of systemd'] ? cgroups((path) => path.includes(id)).map((path) => `cgroup ${path}`) : [];
    const lines = [...new Set([...this.box.leftovers(), ...scopes])];
    if (neighbour === undefined) return lines;
    const ends = (line: string): boolean => line.endsWith(`/${neighbour.id}`) || line.startsWith(`process ${neighbour.pid}:`);
    return lines.filter((line) => !ends(line));
  }

  /** After a finding: the next attempt begins like every other. */
  async recover(): Promise<void> {
    this.box.sweep();
    const { neighbour } = this.way;
    if (neighbour) await this.settle(neighbour);
  }

  async close(): Promise<void> {
    if (this.neighbour) (await this.neighbour.delete('--force')).ok();
    for (const path of this.shared) rmdirSync(path);
  }
}
