import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { type Result, type Running, until } from '../harness/command.ts';
import { type Config, withUserNamespace } from '../harness/config.ts';
import { painter, portrait, portraitEnd } from '../harness/portrait.ts';
import { readRecording } from '../harness/recordings.ts';
import { adopt } from '../harness/samples.ts';
import { someLimits } from '../harness/update.ts';

/** What is made: kinds of containers that differ in what it takes to make them. */
const kinds = {
  plain: () => {},
  engine: (_, bundle) => adopt(readRecording('bookworm-docker-run.json'), bundle, []),
  user: withUserNamespace,
  hooks: (config, bundle) => {
    const hook = (name: string) => [{ path: '/bin/sh', args: ['sh', '-c', ': hook'], env: [`NAME=${name}`, ...marksOf(bundle)] }];
    for (const name of ['createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const)
      config.hooks = { ...config.hooks, [name]: hook(name) };
  },
  terminal: (config) => {
    config.process.terminal = true;
  },
} satisfies Record<string, (config: Config, bundle: Bundle) => void>;

const marksOf = ({ config }: Bundle): string[] => config.process.env.filter((entry) => entry.startsWith('SPEC_'));

const protections = (config: Config): void => {
  config.linux.resources = { ...someLimits, devices: [{ allow: false, access: 'rwm' }] };
  config.linux.maskedPaths = ['/proc/keys', '/proc/timer_list', '/sys/firmware'];
  config.linux.readonlyPaths = ['/proc/sys', '/proc/irq'];
  config.linux.sysctl = { 'net.ipv4.ip_unprivileged_port_start': '80', 'kernel.shm_rmid_forced': '1' };
  config.linux.devices = [{ type: 'c', path: '/dev/fuse', major: 10, minor: 229, fileMode: 0o600 }];
  config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['personality'], action: 'SCMP_ACT_ERRNO' }] };
  config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 500, hard: 1000 }];
  config.process.noNewPrivileges = true;
  config.process.oomScoreAdj = 123;
};

export type Kind = keyof typeof kinds;

/** One command on one kind of container, which is made to fail somewhere. */
export abstract class Act {
  readonly box: Box;
  readonly kind: Kind;
  readonly bundle: Bundle;
  /** Exit status when it succeeds, and when it fails. */
  readonly success: number = 0;
  readonly failure: number = 1;
  private terminal: { socket: string; running: Running } | undefined;

  constructor(box: Box, kind: Kind, rest: string) {
    this.box = box;
    this.kind = kind;
    this.bundle = box.bundle((config, bundle) => {
      config.process.args = painter(bundle, rest);
      if (kind !== 'engine') protections(config);
      kinds[kind](config, bundle);
      config.process.args = painter(bundle, rest);
    });
  }

  get id(): string {
    return this.bundle.id;
  }

  get log(): string {
    return join(this.box.directory, 'log');
  }

  get global(): string[] {
    return ['--log', this.log, '--log-format', 'json'];
  }

  abstract get args(): readonly string[];

  /** Before every attempt. */
  async before(): Promise<void> {
    rmSync(this.log, { force: true });
    if (this.kind === 'terminal') this.terminal = await this.receiver();
  }

  /** What the effect of a success is, in lines that are the same every time. @throws Error when it has none */
  abstract effect(result: Result): Promise<string[]>;

  /** After a failure. @throws Error when it had an effect */
  async failed(): Promise<void> {}

  /** After every attempt: removes what is to be removed by the caller. */
  async after(): Promise<void> {
    (await this.box.runtime(['delete', '--force', this.id])).ok();
    this.terminal?.running.stop();
  }

  /** After a finding: whatever is there goes, so that the next attempt begins like every other. */
  async recover(): Promise<void> {
    for (let tries = 0; tries < 3; tries++) await this.box.runtime(['delete', '--force', this.id]);
    this.terminal?.running.stop();
    this.box.sweep();
  }

  private async receiver(): Promise<{ socket: string; running: Running }> {
    const socket = join(this.box.directory, 'console.sock');
    rmSync(socket, { force: true });
    const running = this.box.background([this.box.suite.probe, 'console', socket]);
    await until('the receiver listens', () => existsSync(socket) || undefined);
    return { socket, running };
  }

  protected get consoleSocket(): string[] {
    return this.terminal ? ['--console-socket', this.terminal.socket] : [];
  }

  /** The program's own portrait, once it is finished. */
  protected async painted(result: Result): Promise<string[]> {
    const text = () => (this.terminal ? this.terminal.running.output() : result.stdout);
    await until(`the portrait, has ${text()}`, () => text().includes(portraitEnd));
    return portrait(text().slice(text().indexOf('{"pid"')));
  }
}
