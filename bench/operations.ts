// What is measured command by command: each operation as the command lines that `timer` runs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { Runtime } from './machine.ts';
import type { Cost, Timing } from './timer.ts';

export interface Operation {
  /** Whether the floor, which is no runtime, does it too. */
  readonly hasFloor?: boolean;
  /** Arguments of `timer`. */
  readonly commands: (lab: Lab, runtime: Runtime, bundles: Bundles) => readonly string[];
  /** Rows of the result. */
  readonly rows: (timing: Timing) => Readonly<Record<string, Cost>>;
}

export interface Bundles {
  /** Ends at once. */
  readonly subject: string;
  /** Lives until it is killed. */
  readonly sleeper: string;
}

const largest = (stages: readonly Cost[]): number => Math.max(...stages.map(({ peak }) => peak));
const stage = (timing: Timing, index: number): Cost => timing.stages[index] as Cost;
/** Purposes in ids. */
const [subject, sleeper] = ['subject', 'sleeper'];

export const run: Operation = {
  hasFloor: true,
  commands: (lab, runtime, bundles) =>
    runtime === lab.floor
      ? [runtime.path, lab.rootfs, lab.id(runtime, subject), '/true']
      : lab.words(runtime, 'run', '--bundle', bundles.subject, lab.id(runtime, subject)),
  rows: (timing) => ({ run: stage(timing, 0) }),
};

export const lifecycle: Operation = {
  commands: (lab, runtime, bundles) => {
    const id = lab.id(runtime, subject);
    return [
      ...lab.words(runtime, 'create', '--bundle', bundles.subject, id),
      ...['--then', ...lab.words(runtime, 'start', id)],
      ...['--reap', ...lab.words(runtime, 'delete', id)],
    ];
  },
  rows: (timing) => ({
    create: stage(timing, 0),
    start: stage(timing, 1),
    delete: stage(timing, 2),
    'create+start+delete': { wall: timing.wall, cpu: timing.cpu, peak: largest(timing.stages) },
  }),
};

/** Asks about the container that `startSleeper` has started. */
export const state: Operation = {
  commands: (lab, runtime) => lab.words(runtime, 'state', lab.id(runtime, sleeper)),
  rows: (timing) => ({ state: stage(timing, 0) }),
};

export const exec: Operation = {
  commands: (lab, runtime) => lab.words(runtime, 'exec', lab.id(runtime, sleeper), '/true'),
  rows: (timing) => ({ exec: stage(timing, 0) }),
};

export const kill: Operation = {
  commands: (lab, runtime, bundles) => {
    const id = lab.id(runtime, subject);
    return [
      ...lab.words(runtime, 'run', '--detach', '--bundle', bundles.sleeper, id),
      ...['--then', ...lab.words(runtime, 'kill', id, 'KILL')],
      ...['--reap', ...lab.words(runtime, 'delete', id)],
    ];
  },
  rows: (timing) => ({ kill: stage(timing, 1) }),
};

/** A program whose streams are files of the host cannot be saved by runc. */
const detached = ['/bin/sh', '-c', 'exec "$@" 2>/dev/null', 'sh'];

/** With the CRIU on PATH, the same for every runtime. */
export const checkpoint: Operation = {
  commands: (lab, runtime, bundles) => {
    const id = lab.id(runtime, subject);
    const places = ['--image-path', join(lab.work, `images-${runtime.name}`)];
    return [
      ...detached,
      ...lab.words(runtime, 'run', '--detach', '--bundle', bundles.sleeper, id),
      ...['--then', ...lab.words(runtime, 'checkpoint', ...places, id)],
      ...['--then', ...lab.words(runtime, 'restore', '--detach', '--bundle', bundles.sleeper, ...places, id)],
      ...['--then', ...lab.words(runtime, 'kill', id, 'KILL')],
      ...['--reap', ...lab.words(runtime, 'delete', id)],
    ];
  },
  rows: (timing) => ({ checkpoint: stage(timing, 1), restore: stage(timing, 2) }),
};

export function startSleeper(lab: Lab, runtime: Runtime, bundle: string): void {
  const [program = '', ...args] = lab.words(runtime, 'run', '--detach', '--bundle', bundle, lab.id(runtime, sleeper));
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
