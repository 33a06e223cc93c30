import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { type Result, type Running, until } from '../harness/command.ts';
import { painter, portrait, portraitEnd } from '../harness/portrait.ts';
import type { CallOptions } from '../harness/runtime-call.ts';
import { type Kind, kindCaller, kindOptions, makeKind } from './kinds.ts';

export type { Kind } from './kinds.ts';

/** One command on one kind of container, which is made to fail somewhere. */
export abstract class Act {
  readonly box: Box;
  readonly kind: Kind;
  readonly bundle: Bundle;
  /** Exit status when it succeeds, and when it fails. */
  readonly success: number = 0;
  readonly failure: number = 1;
  /** File of --trace: then init says when each of its steps ends. */
  trace?: string;
  /** What the rootfs had before mount points were made there: every attempt makes them anew. */
  private readonly names: readonly string[];
  private terminal: { socket: string; running: Running } | undefined;

  constructor(box: Box, kind: Kind, rest: string) {
    this.box = box;
    this.kind = kind;
    this.bundle = box.bundle((config, bundle) => {
      config.process.args = painter(bundle, rest);
      makeKind(kind, config, bundle);
      config.process.args = painter(bundle, rest);
    });
    this.names = readdirSync(this.bundle.rootfs);
  }

  get id(): string {
    return this.bundle.id;
  }

  get log(): string {
    return join(this.box.directory, 'log');
  }

  get global(): string[] {
    return ['--log', this.log, '--log-format', 'json', ...(this.trace === undefined ? [] : ['--trace', this.trace])];
  }

  /** How the command is called that is made to fail. */
  get call(): CallOptions {
    return { global: this.global, through: kindCaller(this.kind) };
  }

  abstract get args(): readonly string[];

  /** Before every attempt. */
  async before(): Promise<void> {
    rmSync(this.log, { force: true });
    await this.openReceiver();
  }

  /** What the effect of a success is, in lines that are the same every time. @throws Error when it has none */
  abstract effect(result: Result): Promise<string[]>;

  /** After a failure. @throws Error when it had an effect */
  async failed(): Promise<void> {}

  /** After every attempt: removes what is to be removed by the caller. */
  async after(): Promise<void> {
    (await this.box.runtime(['delete', '--force', this.id])).ok();
    this.stopReceiver();
    for (const name of readdirSync(this.bundle.rootfs)) if (!this.names.includes(name)) removeDirectory(join(this.bundle.rootfs, name));
  }

  /** After a finding: whatever is there goes, so that the next attempt begins like every other. */
  async recover(): Promise<void> {
    for (let tries = 0; tries < 3; tries++) await this.box.runtime(['delete', '--force', this.id]);
    this.stopReceiver();
    this.box.sweep();
  }

  /** It serves one terminal. */
  protected async openReceiver(): Promise<void> {
    this.stopReceiver();
    if (this.kind === 'terminal') this.terminal = await this.receiver();
  }

  protected stopReceiver(): void {
    this.terminal?.running.stop();
  }

  private async receiver(): Promise<{ socket: string; running: Running }> {
    const socket = join(this.box.directory, 'console.sock');
    rmSync(socket, { force: true });
    const running = this.box.background([this.box.suite.probe, 'console', socket]);
    await until('the receiver listens', () => existsSync(socket) || undefined);
    return { socket, running };
  }

  /** Options of create and run. */
  protected get options(): string[] {
    return [...kindOptions(this.kind), ...this.consoleSocket];
  }

  private get consoleSocket(): string[] {
    return this.terminal ? ['--console-socket', this.terminal.socket] : [];
  }

  /** The program's own portrait, once it is finished. */
  protected async painted(result: Result): Promise<string[]> {
    const text = () => (this.terminal ? this.terminal.running.output() : result.stdout);
    await until(`the portrait, has ${text()}`, () => text().includes(portraitEnd));
    return portrait(text().slice(text().indexOf('{"pid"')));
  }
}

/** One with directories alone: nothing is removed that something is mounted on, or that holds a file. */
function removeDirectory(path: string): void {
  for (const name of readdirSync(path)) removeDirectory(join(path, name));
  rmdirSync(path);
}
