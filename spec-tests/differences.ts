/**
 * Writes the tables of known differences into docs/compatibility.md from expectations.ts: `bun spec-tests/differences.ts`.
 * With --check nothing is written; the exit status is 1 when the tables are stale or when a runtime that is installed has no test for a row.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appliesTo, type Deviation } from './deviations/deviation.ts';
import { known } from './differential/known.ts';
import { chapters } from './expectations.ts';
import { cgroupMode, projectRoot, type RuntimeKind } from './harness/suite.ts';

const page = join(projectRoot, 'docs/compatibility.md');
const programs: Partial<Record<RuntimeKind, string>> = { runc: '/usr/bin/runc', crun: '/usr/bin/crun' };

/** The versions that the page compares runts with. Rows that apply to none of them are in its second table. */
const today: Readonly<Record<RuntimeKind, string>> = { runts: '0', runc: '1.3.6', crun: '1.28' };

const isOfToday = (deviation: Deviation): boolean => deviation.runtimes.some((kind) => appliesTo(deviation, today[kind]));

function versions({ before, since }: Deviation): string {
  return [since === undefined ? '' : ` since ${since}`, before === undefined ? '' : ` before ${before}`].join('');
}

function row(deviation: Deviation): string {
  const where = deviation.cgroup === undefined ? '' : deviation.cgroup === 'v1' ? ' (cgroup v1)' : ' (cgroup v2)';
  const cells = [
    `${deviation.runtimes.join(', ')}${versions(deviation)}${where}`,
    `${deviation.reason}${deviation.unstable ? ' (not always)' : ''}`,
    deviation.why ?? '',
    Object.keys(deviation.titles).join('; '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function table(rows: readonly Deviation[]): string {
  const head = ['| Runtime | What it does instead | Why runts does not | Tests |', '| --- | --- | --- | --- |'];
  return [...head, ...rows.map(row)].join('\n');
}

/** What only generated configurations have shown. */
const generated: readonly Deviation[] = known
  .filter(({ row: listed }) => listed === undefined)
  .map((difference) => ({ ...difference, titles: { 'RUN generated configurations': '' } }));

/** Explanations of generated configurations that name a row which is not there. */
function unlisted(): string[] {
  const titles = Object.values(chapters).flatMap((rows) => rows.flatMap((deviation) => Object.keys(deviation.titles)));
  return known
    .filter(({ row: listed }) => listed !== undefined && !titles.some((title) => title.startsWith(listed)))
    .map(({ row: listed }) => `spec-tests/differential/known.ts: there is no row of "${listed}"`);
}

/** What stands between each pair of markers. */
function tables(): Record<string, string> {
  const current = Object.entries({ ...chapters, 'Generated configurations': generated })
    .map(([heading, rows]) => [heading, rows.filter(isOfToday)] as const)
    .filter(([, rows]) => rows.length > 0)
    .map(([heading, rows]) => `### ${heading}\n\n${table(rows)}`);
  const older = Object.values(chapters)
    .flat()
    .filter((deviation) => !isOfToday(deviation));
  return { differences: current.join('\n\n'), 'differences of older versions': table(older) };
}

/** The page with its tables written anew. */
function render(text: string): string {
  return Object.entries(tables()).reduce((whole, [name, content]) => {
    const [start, end] = [`<!-- ${name}: generated from expectations.ts -->`, `<!-- end of ${name} -->`];
    const [before = '', rest = ''] = whole.split(start);
    const after = rest.split(end)[1];
    if (after === undefined) throw new Error(`no markers ${start} in ${page}`);
    return `${before}${start}\n${content}\n${end}${after}`;
  }, text);
}

/** Titles of all tests that would run against a runtime. */
function titles(program: string): string[] {
  const vitest = join(projectRoot, 'node_modules/.bin/vitest');
  // In one process: no test is run, and a process for each file would take six times as long.
  const text = execFileSync(vitest, ['list', '--project', 'spec', '--no-isolate', '--json'], {
    cwd: projectRoot,
    env: { ...process.env, RUNTIME: program },
    encoding: 'utf8',
  });
  const list = JSON.parse(text.slice(text.indexOf('\n[') + 1)) as { name: string }[];
  return list.map(({ name }) => name.split(' > ').slice(1).join(' > '));
}

/** Rows of any version that no test bears, as lines. Tests that this host skips are not listed: their titles are looked for in the sources. */
function unused(): string[] {
  const folder = join(projectRoot, 'spec-tests');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.spec.ts'));
  const sources = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  return Object.entries(programs).flatMap(([kind, program]) => {
    if (!existsSync(program)) return [];
    const all = titles(program);
    return Object.values(chapters)
      .flat()
      .filter(
        ({ runtimes, unstable, cgroup }) => runtimes.includes(kind as RuntimeKind) && !unstable && (cgroup ?? cgroupMode) === cgroupMode,
      )
      .flatMap((deviation) => Object.keys(deviation.titles))
      .filter(
        (beginning) =>
          !all.some((title) => title.startsWith(beginning)) && !["'", '`'].some((quote) => sources.includes(quote + beginning)),
      )
      .map((beginning) => `${kind}: no test begins with "${beginning}"`);
  });
}

/** Rows that speak of versions of more than one runtime. */
function ambiguous(): string[] {
  return Object.values(chapters)
    .flat()
    .filter(({ runtimes, before, since }) => runtimes.length > 1 && (before ?? since) !== undefined)
    .map(({ titles }) => `the row of "${Object.keys(titles)[0]}" has a version for more than one runtime`);
}

/** Rows whose messages would excuse nearly any failure. */
function vague(): string[] {
  return Object.values(chapters)
    .flat()
    .flatMap(({ titles }) => Object.entries(titles))
    .filter(([, expected]) => {
      const words = typeof expected === 'string' ? [expected] : 'unproved' in expected ? [expected.unproved] : expected;
      return words.length === 0 || words.some((part) => part.trim().length < 7);
    })
    .map(([title]) => `what is expected of "${title}" would excuse nearly any failure`);
}

const text = readFileSync(page, 'utf8');
const fresh = render(text);
if (!process.argv.includes('--check')) {
  writeFileSync(page, fresh);
} else {
  const stale = fresh === text ? [] : [`${page} is stale: run bun spec-tests/differences.ts`];
  const problems = [...stale, ...ambiguous(), ...vague(), ...unlisted(), ...unused()];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
