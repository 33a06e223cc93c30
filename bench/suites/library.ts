// The library in one process of Node, against processes of the runtimes.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostPrograms } from '../../src/library/host-programs.ts';
import { type SandboxOptions, sandbox } from '../../src/library/sandbox.ts';
import type { Lab } from '../lab.ts';
import type { Runtime } from '../machine.ts';
import { run } from '../operations.ts';
import { type Effort, measureRounds } from '../rounds.ts';
import { type Row, summarize } from '../rows.ts';
import { type Cost, time } from '../timer.ts';

/** The same sandbox for everybody, and what the library needs besides. */
export interface Ground {
  readonly directory: string;
  readonly host: Pick<SandboxOptions, 'root' | 'mounts'>;
  /** Compiled filters of the library: a runtime has its own in /run. */
  readonly filters: string;
  /** Writes the configuration of a sandbox. @returns its path */
  readonly spec: (name: string, options?: Pick<SandboxOptions, 'seccomp'>) => string;
}

export function prepare(lab: Lab, name: string): Ground {
  const directory = join(lab.work, name);
  mkdirSync(directory);
  // Users of sandboxes have to get to their root.
  chmodSync(lab.work, 0o755);
  const host = hostPrograms(join(directory, 'host'));
  const spec: Ground['spec'] = (file, options = {}) => {
    // Old enough for every runtime: some refuse a version newer than themselves.
    const config = { ...sandbox({ ...host, ...options, args: ['/bin/true'] }), ociVersion: '1.0.2' };
    const path = join(directory, `${file}.json`);
    writeFileSync(path, JSON.stringify(config));
    return path;
  };
  return { directory, host, filters: join(lab.work, 'filters'), spec };
}

/** Lives before those that count, and those: Node compiles what runs often, and has not ended with it by then. */
const [warmUp, counted] = [20, 40];

/** The cost of one life: that of many without that of the first ones, which holds the start of Node. */
function perLife(measure: (count: number) => Cost, first = warmUp, more = counted): Cost {
  const few = measure(first);
  const many = measure(first + more);
  return { wall: (many.wall - few.wall) / more, cpu: (many.cpu - few.cpu) / more, peak: many.peak };
}

/** Milliseconds for hundreds of lives, on a machine that is busy with others. */
const longest = 180_000;

function timeOf(lab: Lab, words: readonly string[]): Cost {
  const { wall, cpu, stages } = time(lab.timer, words, longest);
  return { wall, cpu, peak: stages[0]?.peak ?? 0 };
}

/** Whole lives in a program of Node, by the library or by processes of a runtime. */
function measureLives(lab: Lab, { directory, filters }: Ground, subject: Runtime, inProcess: boolean, spec: string, lanes: number): Cost {
  const request = { root: subject.root, filters, directory, spec, id: lab.id(subject, `life-${lanes}`), lanes };
  return perLife((count) => {
    const given = { ...request, count, ...(inProcess ? {} : { program: subject.path }) };
    return timeOf(lab, ['/usr/bin/env', 'node', join(import.meta.dirname, '../life/main.js'), JSON.stringify(given)]);
  });
}

/** The synchronous `run`. Arguments: the library, state root, bundle, id, number of containers. */
const synchronous = `
const [library, root, bundle, id, count] = process.argv.slice(1);
const { run } = await import(library);
const context = { root, rootIsDefault: false, cgroupDriver: 'cgroupfs', warn() {}, debug() {} };
const request = { id, bundle, noPivot: false, noNewKeyring: false, preserveFds: 0, detach: false, keep: false, noSubreaper: false };
for (let round = 0; round < Number(count); round++) {
  if (run(context, request) !== 0) throw new Error('the container failed');
}
`;

/** Compiled to the end: without that of a runtime, the start of Node counts for nothing here either. */
function measureSynchronous(lab: Lab, bundle: string): Cost {
  const words = [
    '/usr/bin/env',
    'node',
    '--input-type=module',
    '--eval',
    synchronous,
    join(import.meta.dirname, '../../lib/bundle/index.js'),
  ];
  const given = [lab.first.root, bundle, lab.id(lab.first, 'library')];
  return perLife((count) => timeOf(lab, [...words, ...given, String(count)]), 200, 100);
}

/** Titles of the rows. */
const lives = {
  one: 'one after the other',
  eight: 'eight at a time',
  onePlain: 'one after the other, no seccomp',
  eightPlain: 'eight at a time, no seccomp',
  /** Nobody's start of Node counts, nor what it takes Node to start a process. */
  bare: 'synchronous, beside no Node',
} as const;

export async function library(lab: Lab, effort: Effort): Promise<Row[]> {
  const ground = prepare(lab, 'lives');
  const bundle = lab.bundle('library', { args: ['/true'] });
  const sandboxes = [ground.spec('sandbox'), ground.spec('plain', { seccomp: false })] as const;
  const inProcess = { ...lab.first, name: 'library' };
  const subjects = [inProcess, ...lab.runtimes];
  const measured = await measureRounds(lab, subjects, effort, (subject) => {
    const isLibrary = subject === inProcess;
    const life = (spec: string, lanes: number) => measureLives(lab, ground, subject, isLibrary, spec, lanes);
    return {
      [lives.one]: life(sandboxes[0], 1),
      [lives.eight]: life(sandboxes[0], 8),
      [lives.onePlain]: life(sandboxes[1], 1),
      [lives.eightPlain]: life(sandboxes[1], 8),
      [lives.bare]: isLibrary
        ? measureSynchronous(lab, bundle)
        : timeOf(lab, run.commands(lab, subject, { subject: bundle, sleeper: bundle })),
    };
  });
  return summarize(
    measured,
    subjects.map((subject) => subject.name),
  );
}
