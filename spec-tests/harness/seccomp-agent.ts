import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Box } from './box.ts';
import { type Running, until } from './command.ts';
import type { Seccomp } from './config.ts';
import { projectRoot } from './suite.ts';

export interface ProcessState {
  readonly ociVersion: string;
  readonly fds: readonly string[];
  readonly pid: number;
  readonly metadata?: string;
  readonly state: {
    readonly ociVersion: string;
    readonly id: string;
    readonly status: string;
    readonly pid: number;
    readonly bundle: string;
  };
}

/** An agent on the host: a rule is the number of a call and the errno that it answers. */
export class Agent {
  readonly socket: string;
  private readonly running: Running;

  constructor(box: Box, ...rules: readonly number[]) {
    const program = join(box.directory, 'seccomp-agent');
    execFileSync('gcc', ['-Os', '-Wall', '-Werror', '-o', program, join(projectRoot, 'spec-tests/probe/seccomp-agent.c')]);
    this.socket = join(box.directory, 'agent.sock');
    this.running = box.background([program, this.socket, ...rules.map(String)]);
  }

  async ready(): Promise<this> {
    await until('the agent listens', () => this.running.output().includes('ready'));
    return this;
  }

  /** One entry for each connection so far: messages that carried descriptors, descriptors, the state. */
  states(): [carriers: number, fds: number, state: ProcessState][] {
    return [...this.running.output().matchAll(/^state (\d+) (\d+) (.*)$/gm)].map(([, carriers, fds, json]) => [
      Number(carriers),
      Number(fds),
      JSON.parse(json ?? '') as ProcessState,
    ]);
  }

  /** Numbers of the calls that it was asked about. */
  calls(): number[] {
    return [...this.running.output().matchAll(/^call (\d+) /gm)].map(([, number]) => Number(number));
  }
}

/** A profile that asks the agent about these calls. */
export function asking({ socket }: Agent, names: readonly string[], more: Partial<Seccomp> = {}): Seccomp {
  return { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: [...names], action: 'SCMP_ACT_NOTIFY' }], listenerPath: socket, ...more };
}
