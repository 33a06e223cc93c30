// The commands of an engine, one by one.
import type { Lab } from '../lab.ts';
import { type Bundles, exec, kill, lifecycle, type Operation, run, startSleeper, state } from '../operations.ts';
import { type Effort, measureRounds } from '../rounds.ts';
import { type Row, summarize } from '../rows.ts';
import { time } from '../timer.ts';

export interface Setting extends Effort {
  /** Milliseconds before each command. */
  readonly idle: number;
  /** Docker's default profile. */
  readonly seccomp?: boolean;
  /** A time namespace. */
  readonly time?: boolean;
}

export async function commands(lab: Lab, { idle, seccomp = false, time: inTime = false, ...effort }: Setting): Promise<Row[]> {
  const name = seccomp ? 'filtered' : inTime ? 'timed' : 'plain';
  const options = { seccomp, time: inTime };
  const bundles: Bundles = {
    subject: lab.bundle(`${name}-subject`, { args: ['/true'], ...options }),
    sleeper: lab.bundle(`${name}-sleeper`, { args: ['/sleeper', lab.id(lab.first, 'program')], ...options }),
  };
  const operations: readonly Operation[] = seccomp || inTime ? [run, lifecycle, exec] : [run, lifecycle, state, exec, kill];
  const rows: Row[] = [];
  try {
    for (const runtime of lab.runtimes) startSleeper(lab, runtime, bundles.sleeper);
    for (const operation of operations) {
      const subjects = operation.hasFloor && !seccomp && !inTime ? [...lab.runtimes, lab.floor] : lab.runtimes;
      const measured = await measureRounds(lab, subjects, effort, (subject) =>
        operation.rows(time(lab.timer, ['--idle', String(idle), ...operation.commands(lab, subject, bundles)])),
      );
      const names = subjects.map((subject) => subject.name);
      rows.push(...summarize(measured, names));
    }
  } finally {
    for (const runtime of lab.runtimes) lab.clear(runtime);
  }
  return rows;
}
