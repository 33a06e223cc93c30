// The library in one process of Node, against a process of each runtime for every container.
import { join } from 'node:path';
import type { Lab } from '../lab.ts';
import { run } from '../operations.ts';
import { type Effort, measureRounds } from '../rounds.ts';
import { type Row, summarize } from '../rows.ts';
import { type Cost, time } from '../timer.ts';

/** Containers before those that count: Node compiles what runs often, and goes on with it for hundreds of them. */
const warmUp = 200;
const counted = 100;

/** The library's `run` is create, start, wait and delete. Arguments: the library, state root, bundle, id, number of containers. */
const script = `
const [library, root, bundle, id, count] = process.argv.slice(1);
const { run } = await import(library);
const context = { root, rootIsDefault: false, cgroupDriver: 'cgroupfs', warn() {}, debug() {} };
const request = { id, bundle, noPivot: false, noNewKeyring: false, preserveFds: 0, detach: false, keep: false, noSubreaper: false };
for (let round = 0; round < Number(count); round++) {
  if (run(context, request) !== 0) throw new Error('the container failed');
}
`;

/** The cost of one container: that of many without that of the first ones, which holds the start of Node. */
function measureLibrary(lab: Lab, bundle: string): Cost {
  const library = join(import.meta.dirname, '../../lib/index.js');
  const call = (count: number) =>
    time(lab.timer, [
      '/usr/bin/env',
      'node',
      '--input-type=module',
      '--eval',
      script,
      library,
      lab.first.root,
      bundle,
      lab.id(lab.first, 'library'),
      String(count),
    ]);
  const few = call(warmUp);
  const many = call(warmUp + counted);
  return { wall: (many.wall - few.wall) / counted, cpu: (many.cpu - few.cpu) / counted, peak: many.stages[0]?.peak ?? 0 };
}

export async function library(lab: Lab, effort: Effort): Promise<Row[]> {
  const bundle = lab.bundle('library', { args: ['/true'] });
  const inProcess = { ...lab.first, name: 'library' };
  const subjects = [inProcess, ...lab.runtimes];
  const measured = await measureRounds(lab, subjects, effort, (subject) => {
    if (subject === inProcess) return { 'create+start+wait+delete': measureLibrary(lab, bundle) };
    const { wall, cpu, stages } = time(lab.timer, run.commands(lab, subject, { subject: bundle, sleeper: bundle }));
    return { 'create+start+wait+delete': { wall, cpu, peak: stages[0]?.peak ?? 0 } };
  });
  return summarize(
    measured,
    subjects.map((subject) => subject.name),
  );
}
