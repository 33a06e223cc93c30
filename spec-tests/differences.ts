/**
 * Writes the table of known differences into README.md from expectations.ts: `bun spec-tests/differences.ts`.
 * With --check nothing is written; the exit status is 1 when the table is stale or when a runtime that is installed has no test for an entry.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Deviation, deviations } from './expectations.ts';
import { cgroupMode, projectRoot, type RuntimeKind } from './harness/suite.ts';

const readme = join(projectRoot, 'spec-tests/README.md');
const markers = ['<!-- differences: generated from expectations.ts -->', '<!-- end of differences -->'] as const;
const programs: Partial<Record<RuntimeKind, string>> = { runc: '/usr/bin/runc', crun: '/usr/bin/crun' };

function row(deviation: Deviation): string {
  const where = deviation.cgroup === undefined ? '' : deviation.cgroup === 'v1' ? ' (cgroup v1)' : ' (cgroup v2)';
  const titles = deviation.titles.map((title) => title.replaceAll('|', '\\|')).join('; ');
  return `| ${deviation.runtimes.join(', ')}${where} | ${deviation.reason}${deviation.unstable ? ' (skipped)' : ''} | ${titles} |`;
}

function table(): string {
  return ['| Runtime | Difference | Tests |', '| --- | --- | --- |', ...deviations.map(row)].join('\n');
}

/** Titles of all tests that would run against a runtime. */
function titles(program: string): string[] {
  const vitest = join(projectRoot, 'node_modules/.bin/vitest');
  const text = execFileSync(vitest, ['list', '--project', 'spec', '--json'], {
    cwd: projectRoot,
    env: { ...process.env, RUNTIME: program },
    encoding: 'utf8',
  });
  const list = JSON.parse(text.slice(text.indexOf('\n[') + 1)) as { name: string }[];
  return list.map(({ name }) => name.split(' > ').slice(1).join(' > '));
}

/** Entries that no test bears, as lines. Tests that this host skips are not listed: their titles are looked for in the sources. */
function unused(): string[] {
  const folder = join(projectRoot, 'spec-tests');
  const files = readdirSync(folder).filter((name) => name.endsWith('.spec.ts'));
  const sources = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  return Object.entries(programs).flatMap(([kind, program]) => {
    if (!existsSync(program)) return [];
    const all = titles(program);
    return deviations
      .filter(
        ({ runtimes, unstable, cgroup }) => runtimes.includes(kind as RuntimeKind) && !unstable && (cgroup ?? cgroupMode) === cgroupMode,
      )
      .flatMap((deviation) => deviation.titles)
      .filter((beginning) => !all.some((title) => title.startsWith(beginning)) && !sources.includes(`'${beginning}`))
      .map((beginning) => `${kind}: no test begins with "${beginning}"`);
  });
}

const text = readFileSync(readme, 'utf8');
const [start, end] = markers.map((marker) => text.indexOf(marker));
if (start === undefined || end === undefined || start < 0 || end < start) throw new Error(`no markers in ${readme}`);
const fresh = `${text.slice(0, start + markers[0].length)}\n${table()}\n${text.slice(end)}`;
if (!process.argv.includes('--check')) {
  writeFileSync(readme, fresh);
} else {
  const problems = [...(fresh === text ? [] : ['README.md is stale: run bun spec-tests/differences.ts']), ...unused()];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
