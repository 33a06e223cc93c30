// What test.js runs: every check there is, or the groups named. The last line counts them all, and says what they do not prove.
import { availableParallelism } from 'node:os';
import { type Outcome, run } from './run-task.ts';
import { describe, type FailedTry, total } from './summary.ts';
import { inRounds, type Task, tasks } from './tasks.ts';
import { verdict } from './verdict.ts';

const wanted = process.argv.slice(2);
const chosen = tasks.filter((task) => wanted.length === 0 || wanted.includes(task.group));
const results: { readonly task: Task; readonly outcome: Outcome }[] = [];
for (const round of inRounds(chosen)) {
  const waiting = [...round];
  const lanes = Math.min(round.length, availableParallelism());
  await Promise.all(Array.from({ length: lanes }, () => runNext(waiting, lanes === 1)));
}
results.sort((one, other) => chosen.indexOf(one.task) - chosen.indexOf(other.task));

/** Runs one after the other of those that wait, until there are none. */
async function runNext(waiting: Task[], alone: boolean): Promise<void> {
  for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
    const title = `\n── ${task.group}: ${task.title}`;
    if (alone) console.log(title);
    const started = Date.now();
    const { output, ...outcome } = await run(task, alone);
    const word = outcome.failed > 0 ? 'FAILED' : outcome.passed > 0 ? 'ok' : 'skipped';
    if (!alone) console.log(title);
    if (output) console.log(output.trimEnd());
    console.log(`   ${word} in ${((Date.now() - started) / 1000).toFixed(1)} s${outcome.note ? ` (${outcome.note})` : ''}`);
    results.push({ task, outcome });
  }
}

console.log('\n passed  failed  skipped');
for (const { task, outcome } of results) {
  const counts = [outcome.passed, outcome.failed, outcome.skipped].map((count) => String(count).padStart(7)).join(' ');
  console.log(`${counts}   ${task.group}: ${task.title}${outcome.note ? ` (${outcome.note})` : ''}`);
}
if (process.geteuid?.() !== 0) console.log('\nnot root: what needs root was skipped; run `npm test` as root for the rest');
const summary = total(
  results.map(({ task, outcome }) => ({
    ...outcome,
    secondTries: named(task, outcome.secondTries),
    failures: named(task, failures(task, outcome)),
  })),
);
const { words, green } = verdict(results, process.geteuid?.() === 0);
console.log(`\n${describe(summary).join('\n')}${words && '; '}${words}`);
process.exitCode = green ? 0 : 1;

/** A tool has no tests, and a file that cannot be loaded has none of its own. */
function failures(task: Task, { failures = [], failed, note = 'see above' }: Outcome): readonly FailedTry[] {
  return failed > 0 && failures.length === 0 ? [{ title: task.group, error: note }] : failures;
}

/** The same test may have failed in several runs, and whoever has only the last lines wants to know in which. */
function named(task: Task, tries: readonly FailedTry[] = []) {
  return tries.map(({ title, error }) => ({ title: `${title} (${task.title})`, error }));
}
