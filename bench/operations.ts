// What is measured: each operation as the command lines that `timer` runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { setCommand } from './bundle.ts';
import type { Runtime } from './machine.ts';

/** Ids differ between runtimes and calls of the benchmark: they are also the names of the cgroups. */
const sleeperOf = (runtime: Runtime) => `bench-${process.pid}-sleeper-${runtime.name}`;
const subjectOf = (runtime: Runtime) => `bench-${process.pid}-subject-${runtime.name}`;

/** Milliseconds after which an operation is taken to hang. */
const longest = 20_000;

export interface Sample {
  readonly runtime: string;
  readonly operation: string;
  /** Microseconds. */
  readonly wall: number;
  /** Microseconds of user and system time, of the runtime and of the container. */
  readonly cpu: number;
}

export interface Operation {
  readonly name: string;
  /** Arguments of `timer`. */
  readonly commands: (runtime: Runtime, bundle: string) => readonly string[];
}

export const operations: readonly Operation[] = [
  { name: 'run', commands: (runtime, bundle) => [...commandLine(runtime), 'run', '--bundle', bundle, subjectOf(runtime)] },
  {
    name: 'create+start+delete',
    commands: (runtime, bundle) => [
      ...[...commandLine(runtime), 'create', '--bundle', bundle, subjectOf(runtime)],
      ...['--then', ...commandLine(runtime), 'start', subjectOf(runtime)],
      ...['--reap', ...commandLine(runtime), 'delete', subjectOf(runtime)],
    ],
  },
  { name: 'exec', commands: (runtime) => [...commandLine(runtime), 'exec', sleeperOf(runtime), '/true'] },
  { name: 'state', commands: (runtime) => [...commandLine(runtime), 'state', sleeperOf(runtime)] },
];

function commandLine(runtime: Runtime): string[] {
  return [runtime.path, '--root', runtime.root];
}

/** Starts the container that `exec` and `state` ask about. */
export function startSleeper(runtime: Runtime, bundle: string): void {
  setCommand(bundle, '/sleeper');
  try {
    const [program = '', ...options] = commandLine(runtime);
    execFileSync(program, [...options, 'run', '--detach', '--bundle', bundle, sleeperOf(runtime)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    setCommand(bundle, '/true');
  }
}

/** Removes whatever a runtime may have left, also after a measurement that failed. */
export function stopSleeper(runtime: Runtime): void {
  const [program = '', ...options] = commandLine(runtime);
  for (const id of [sleeperOf(runtime), subjectOf(runtime)]) spawnSync(program, [...options, 'delete', '--force', id], { stdio: 'ignore' });
}

/** @throws Error when a command of the operation fails */
export function measure(timer: string, runtime: Runtime, operation: Operation, bundle: string): Sample {
  const commands = operation.commands(runtime, bundle);
  const { status, stdout, stderr } = spawnSync(timer, commands, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: longest });
  if (status === null) throw new Error(`${runtime.name}, ${operation.name}: not done after ${longest} ms`);
  if (status !== 0) throw new Error(`${runtime.name}, ${operation.name}: ${stderr.trim()}`);
  const { wall, user, system } = JSON.parse(stdout);
  return { runtime: runtime.name, operation: operation.name, wall, cpu: user + system };
}
