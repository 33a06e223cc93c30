import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from './bundle.ts';
import { type Result, until } from './command.ts';
import type { Caller, CallOptions } from './runtime-call.ts';
import { cgroupMode } from './suite.ts';

/** The answer of `state`. */
export interface State {
  ociVersion: string;
  id: string;
  status: string;
  pid: number;
  bundle: string;
  rootfs?: string;
  created?: string;
  annotations?: Record<string, string>;
}

/** A container that `create` or `run --detach` made. */
export class Container {
  readonly id: string;
  readonly bundle: Bundle;
  /** Process id of init, from the pid file. */
  readonly pid: number;
  private readonly box: Caller;
  private readonly created: Result;

  constructor(box: Caller, bundle: Bundle, pid: number, created: Result) {
    this.box = box;
    this.bundle = bundle;
    this.id = bundle.id;
    this.pid = pid;
    this.created = created;
  }

  /** What the container's process has written: create passes its stdout on. */
  get stdout(): string {
    return this.created.stdout;
  }

  get stderr(): string {
    return this.created.stderr;
  }

  async start(): Promise<void> {
    (await this.box.runtime(['start', this.id])).ok();
  }

  async state(): Promise<State> {
    return (await this.box.runtime(['state', this.id])).ok().json<State>();
  }

  async status(): Promise<string> {
    return (await this.state()).status;
  }

  /** Runs a command inside; options of exec go first. */
  exec(args: readonly string[], options: readonly string[] = [], call: CallOptions = {}): Promise<Result> {
    return this.box.runtime(['exec', ...options, this.id, ...args], call);
  }

  /** stdout of a command that must succeed inside, trimmed. */
  async output(...args: string[]): Promise<string> {
    return (await this.exec(args)).ok().stdout.trim();
  }

  kill(...args: string[]): Promise<Result> {
    return this.box.runtime(['kill', this.id, ...args]);
  }

  delete(...options: string[]): Promise<Result> {
    return this.box.runtime(['delete', ...options, this.id]);
  }

  /** Waits until `state` says so. */
  async reaches(status: string): Promise<void> {
    await until(`${this.id} is ${status}`, async () => (await this.status()) === status);
  }

  /** Waits until the program has written a line that matches. */
  async prints(pattern: RegExp): Promise<string> {
    return until(`${pattern} on stdout of ${this.id}, has: ${this.stdout}${this.stderr}`, () => pattern.exec(this.stdout)?.[0]);
  }

  /** Target of a namespace link of init, e.g. `net:[4026531840]`. */
  namespace(name: string): string {
    return readlinkSync(`/proc/${this.pid}/ns/${name}`);
  }

  /** Path of a file of the container on the host, seen through init's root. */
  inside(path: string): string {
    return join(`/proc/${this.pid}/root`, path);
  }

  /** Directory of the container's cgroup of a controller. */
  cgroup(controller: string): string {
    return cgroupDirectory(controller, this.bundle.config.linux.cgroupsPath ?? '');
  }

  /** Content of a control file, trimmed. */
  control(controller: string, file: string): string {
    return readFileSync(join(this.cgroup(controller), file), 'utf8').trim();
  }

  /** Whether the kernel says that every process of the cgroup stands still. */
  isFrozen(): boolean {
    return cgroupMode === 'v1'
      ? this.control('freezer', 'freezer.state') === 'FROZEN'
      : this.control('', 'cgroup.events').includes('frozen 1');
  }
}

/** Directory of an absolute cgroupsPath under a controller (v1) or in the unified hierarchy. */
export function cgroupDirectory(controller: string, cgroupsPath: string): string {
  return join('/sys/fs/cgroup', cgroupMode === 'v1' ? controller : '', cgroupsPath);
}

/** Whether a process of this id exists and is not a zombie. */
export function alive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return false;
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}
