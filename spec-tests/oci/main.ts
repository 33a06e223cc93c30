// `npm run test:oci`: the validation programs of the OCI runtime-tools against runts, runc and crun. Prints TAP of runts, writes
// docs/conformance.md when all three are there. Root; RUNTIME_TOOLS=DIR with the programs in built/; arguments name programs.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execute, type Outcome, type Runtime, unexplained } from './execute.ts';
import { known, reasonFor } from './known.ts';
import { findSuite } from './source.ts';
import { renderTable } from './table.ts';

const root = dirname(dirname(import.meta.dirname));

function findRuntimes(): Runtime[] {
  const binary = join(root, 'dist/runts');
  const candidates: [string, string[]][] = [
    ['runts', [process.env['RUNTIME'] ?? binary]],
    ['runc', ['/usr/bin/runc', '/usr/sbin/runc']],
    ['crun', ['/usr/bin/crun', '/usr/sbin/crun']],
  ];
  return candidates.flatMap(([name, paths]) => {
    const path = paths.find(existsSync);
    return path === undefined ? [] : [{ name, path }];
  });
}

function report(number: number, program: string, outcome: Outcome): boolean {
  const failures = unexplained(program, outcome);
  const passed = outcome.assertions.filter(({ ok }) => ok).length;
  console.log(`${failures.length === 0 ? 'ok' : 'not ok'} ${number} - ${program}: ${passed} of ${outcome.assertions.length}`);
  for (const failure of failures) console.log(`# ${failure}`);
  const failed = [...outcome.assertions.filter(({ ok }) => !ok).map(({ title }) => title), ...(outcome.failure ? [undefined] : [])];
  for (const reason of new Set(failed.map((title) => reasonFor(program, title)))) if (reason) console.log(`# known: ${reason}`);
  return failures.length === 0;
}

if (process.geteuid?.() !== 0) {
  console.log('1..0 # SKIP containers need root');
  process.exit(0);
}
const suite = findSuite();
const wanted = process.argv.slice(2);
const programs = suite.programs.filter((name) => wanted.length === 0 || wanted.includes(name));
const runtimes = findRuntimes();
const results = new Map<string, Map<string, Outcome>>();
console.log(`TAP version 13\n1..${programs.length}`);
let failed = 0;
programs.forEach((program, index) => {
  const outcomes = new Map(runtimes.map((runtime) => [runtime.name, execute(suite, program, runtime)]));
  results.set(program, outcomes);
  const ours = outcomes.get('runts');
  if (!ours || !report(index + 1, program, ours)) failed++;
});
const stale = known.filter(({ program, titles, racy }) => {
  if (racy) return false;
  const ours = results.get(program)?.get('runts');
  if (!ours) return false;
  return titles ? !ours.assertions.some(({ ok, title }) => !ok && titles.test(title)) : ours.failure === undefined;
});
for (const { program, reason } of stale) console.log(`# no longer fails: ${program} (${reason})`);
if (wanted.length === 0 && runtimes.length === 3) writeFileSync(join(root, 'docs/conformance.md'), renderTable(runtimes, results));
console.log(`# ${programs.length - failed} of ${programs.length} programs pass, or fail for a known reason`);
process.exitCode = failed > 0 ? 1 : 0;
