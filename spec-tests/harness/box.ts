import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { Bundle } from './bundle.ts';
import { type CommandOptions, call, type Result, type Running, start, until } from './command.ts';
import { type Config, defaultConfig } from './config.ts';
import { Container } from './container.ts';
import { cgroups, mountsBelow, processesWith, sweep } from './leftovers.ts';
import type { CallOptions, RunOptions } from './runtime-call.ts';
import { findRuntime, type RuntimeBinary, type RuntimeKind } from './suite.ts';

/** Namespaces of their own, in which the runtime is called (confinement.ts). */
export interface Confinement {
  /** The first process in them, with which all end. */
  readonly keeper: number;
  /** What has started it, and ends after all; absent: it has ended before. */
  readonly starter?: Running;
  /** Words of a command line that lead in. */
  readonly entry: readonly string[];
  /** Removes what is left of them once the keeper is killed. */
  end(): Promise<unknown>;
}

let serial = 0;

/** Everything one test makes: a directory, a state root, bundles, containers. `close` removes it, also after a failure. */
export class Box {
  readonly suite = inject('suite');
  readonly directory: string;
  /** Given to the runtime as --root. */
  readonly stateRoot: string;
  readonly kind: RuntimeKind;
  private readonly command: readonly string[];
  private readonly ids: string[] = [];
  private readonly running: Running[] = [];
  /** Whether what the runtime leaves behind is removed without a word. */
  toleratesLeftovers = false;
  private confinement: Confinement | undefined;

  /** @param runtime the one under test, or a peer that it is compared with */
  constructor(runtime: RuntimeBinary = findRuntime()) {
    this.kind = runtime.kind;
    this.command = runtime.command;
    this.directory = join(this.suite.directory, `test-${process.pid}-${++serial}`);
    this.stateRoot = join(this.directory, 'state');
    mkdirSync(this.stateRoot, { recursive: true });
    chmodSync(this.directory, 0o755);
  }

  /** Variables in the environment of everything a test starts: leftovers are found by them. */
  get marks(): string[] {
    return [`SPEC_SUITE=${this.suite.tag}`, `SPEC_TEST=${this.directory}/`];
  }

  /** A container id nobody else uses; `close` deletes it. */
  id(): string {
    const id = `${this.suite.tag}-${process.pid}-${serial}-${this.ids.length}`;
    this.ids.push(id);
    return id;
  }

  /** Has `close` delete this id too; it must hold the suite's tag. */
  adopt(id: string): string {
    if (!id.startsWith(this.suite.tag)) throw new Error(`foreign id ${id}`);
    this.ids.push(id);
    return id;
  }

  /** A bundle with the default config, changed by `change`. */
  bundle(change: (config: Config, bundle: Bundle) => void = () => {}): Bundle {
    const directory = join(this.directory, `bundle-${readdirSync(this.directory).length}`);
    const id = this.id();
    const bundle = new Bundle(directory, id, defaultConfig(id, this.marks));
    bundle.makeRootfs(this.suite.directory);
    change(bundle.config, bundle);
    return bundle.write();
  }

  /** The whole command line of a call, for somebody else to make. */
  words(args: readonly string[], options: CallOptions = {}): string[] {
    return [...this.entry, ...(options.through ?? []), ...this.insideWords(args, options)];
  }

  /** The same for who is already where the runtime is called (`inside`). */
  insideWords(args: readonly string[], options: CallOptions = {}): string[] {
    return [...this.command, '--root', this.stateRoot, ...(options.global ?? []), ...args];
  }

  private options(options: CallOptions): CommandOptions {
    return {
      cwd: this.directory,
      ...options,
      env: { PATH: process.env['PATH'] ?? '', ...Object.fromEntries(this.marks.map((mark) => mark.split('='))), ...options.env },
    };
  }

  /** Calls the runtime and waits for its end. */
  runtime(args: readonly string[], options: CallOptions = {}): Promise<Result> {
    return call(this.directory, this.words(args, options), this.options(options));
  }

  /** Starts the runtime (or, without it, any program of the host) and does not wait. */
  launch(args: readonly string[], options: CallOptions = {}): Running {
    return this.remember(start(this.directory, this.words(args, options), this.options(options)));
  }

  /** Has everything that the runtime is called for happen there. */
  confine(confinement: Confinement): void {
    this.confinement = confinement;
  }

  private get entry(): readonly string[] {
    return this.confinement?.entry ?? [];
  }

  /** Runs a program of the host where the runtime is called, which matters when that is confined: process ids and mounts are those that it sees. */
  inside(command: readonly string[], options: CommandOptions = {}): Promise<Result> {
    return call(this.directory, [...this.entry, ...command], this.options(options));
  }

  /** Starts a program as `inside` does; `close` ends it. */
  insideBackground(command: readonly string[], options: CommandOptions = {}): Running {
    return this.background([...this.entry, ...command], options);
  }

  /** Runs a program of the host. */
  host(command: readonly string[], options: CommandOptions = {}): Promise<Result> {
    return call(this.directory, command, this.options(options));
  }

  /** Starts a program of the host; `close` ends it. */
  background(command: readonly string[], options: CommandOptions = {}): Running {
    return this.remember(start(this.directory, command, this.options({ timeout: 600_000, ...options })));
  }

  private remember(running: Running): Running {
    this.running.push(running);
    return running;
  }

  /** `run` in the foreground. */
  run(bundle: Bundle, { options = [], ...rest }: RunOptions = {}): Promise<Result> {
    return this.runtime(['run', '--bundle', bundle.directory, ...options, bundle.id], rest);
  }

  /** Runs a program in the default container and returns its stdout; @throws Error unless it exits with 0. */
  async output(args: readonly string[], change: (config: Config, bundle: Bundle) => void = () => {}): Promise<string> {
    const bundle = this.bundle((config, made) => {
      config.process.args = [...args];
      change(config, made);
    });
    return (await this.run(bundle)).ok().stdout;
  }

  /** `create` with whatever outcome. */
  tryCreate(bundle: Bundle, { options = [], ...rest }: RunOptions = {}): Promise<Result> {
    return this.runtime(['create', '--bundle', bundle.directory, ...options, bundle.id], rest);
  }

  /** `create` that must succeed. */
  async create(bundle: Bundle, { options = [], ...rest }: RunOptions = {}): Promise<Container> {
    const pidFile = join(bundle.directory, 'pid');
    const result = (await this.tryCreate(bundle, { options: ['--pid-file', pidFile, ...options], ...rest })).ok();
    return new Container(this, bundle, Number(readFileSync(pidFile, 'utf8')), result);
  }

  /** `create` and `start`. */
  async started(bundle: Bundle, options: RunOptions = {}): Promise<Container> {
    const container = await this.create(bundle, options);
    await container.start();
    return container;
  }

  /** Whether an entry of the state root is kept for all containers: `~` begins such names, with crun a dot. */
  private isShared(name: string): boolean {
    return name.startsWith('~') || (this.kind === 'crun' && name.startsWith('.'));
  }

  /** What is left of this test's containers on the host, as lines. */
  leftovers(): string[] {
    const left = this.found();
    return [
      ...left.processes.map((pid) => `process ${pid}: ${commandLine(pid)}`),
      ...left.mounts.map((mount) => `mount ${mount}`),
      ...left.cgroups.map((path) => `cgroup ${path}`),
      ...readdirSync(this.stateRoot).flatMap((name) => (this.isShared(name) ? [] : [`state ${join(this.stateRoot, name)}`])),
    ];
  }

  found() {
    const { keeper, starter } = this.confinement ?? {};
    return {
      processes: processesWith(`${this.directory}/`).filter((pid) => ![keeper, starter?.pid].includes(pid)),
      mounts: mountsBelow(this.directory, keeper).filter((point) => point !== this.directory),
      cgroups: cgroups((path) => this.ids.some((id) => path.split('/').includes(id))),
    };
  }

  /** Removes what is left of this test's containers by force. */
  sweep(): void {
    sweep(this.found(), this.suite);
    for (const name of readdirSync(this.stateRoot)) if (!this.isShared(name)) rmSync(join(this.stateRoot, name), { recursive: true });
  }

  /** Deletes every container and everything else of this test. @returns what a correct runtime would not have left. */
  async close(): Promise<string[]> {
    for (const id of readdirSync(this.stateRoot)) await this.runtime(['delete', '--force', id]).catch(() => undefined);
    for (const running of this.running) if (running !== this.confinement?.starter) running.stop();
    const left = this.toleratesLeftovers ? [] : await this.settled();
    await this.endConfinement();
    sweep(this.found(), this.suite);
    if (mountsBelow(this.directory).length === 0) rmSync(this.directory, { recursive: true, force: true });
    return left;
  }

  /** Ends all that runs in the namespaces; the runtime is called outside from then on. */
  async endConfinement(): Promise<void> {
    if (this.confinement === undefined) return;
    const { keeper, end } = this.confinement;
    process.kill(keeper, 'SIGKILL');
    await end();
    this.confinement = undefined;
  }

  /** Leftovers that stay: a process that was killed needs a moment to go. */
  private async settled(): Promise<string[]> {
    let left: string[] = [];
    await until(
      'nothing left',
      () => {
        left = this.leftovers();
        return left.length === 0;
      },
      3_000,
    ).catch(() => undefined);
    return left;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
