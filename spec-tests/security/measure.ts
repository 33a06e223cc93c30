/**
 * `npm run security`: attacks the runtimes that are installed, notes what came of it in docs/security.json and writes the table of docs/security.md.
 * SECURITY_RUNTIMES= names others (paths, with a comma between them); what was noted of the rest stays. With --check nothing runs and nothing is
 * written: the status is 1 when the page is stale, a row has no test, or a test no row.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRuntime, projectRoot } from '../harness/suite.ts';
import { gaps, holeId, type Results, render, type Verdict } from './page.ts';

const page = join(projectRoot, 'docs/security.md');
const file = join(projectRoot, 'docs/security.json');

interface Test {
  readonly title: string;
  readonly status: string;
  readonly failureMessages?: readonly string[];
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Test[] }[];
}

/** What is written behind a title says what came of it (harness/clause.ts). */
function verdict(title: string, status: string): readonly [string, Verdict] {
  const [, plain = '', kind, reason = ''] = /^(.*?)(?: \[(skipped|expected difference): (.*)\])?$/s.exec(title) ?? [];
  if (kind === 'skipped') return [plain, `n.a.: ${reason}`];
  return [plain, kind === undefined && status === 'passed' ? 'holds' : 'broken'];
}

/** @throws Error when the tests did not run. */
function attack(runtime: string): Readonly<Record<string, Verdict>> {
  const folder = mkdtempSync(join(tmpdir(), 'runts-security-'));
  try {
    const output = join(folder, 'report.json');
    const vitest = join(projectRoot, 'node_modules/.bin/vitest');
    const args = ['run', '--project', 'spec', '--reporter=json', `--outputFile=${output}`, '-t', holeId.source, 'spec-tests/security'];
    spawnSync(vitest, args, { cwd: projectRoot, stdio: 'inherit', env: { ...process.env, RUNTIME: runtime } });
    const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    // Who was too slow is not broken, and one has to see which it was.
    for (const { title, failureMessages } of tests) for (const message of failureMessages ?? []) console.error(`${title}: ${message}`);
    return Object.fromEntries(tests.filter(({ title }) => holeId.test(title)).map(({ title, status }) => verdict(title, status)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `runc 1.3.6`; of runts the version is that of the checkout. */
function name(runtime: string): string {
  const { kind, command } = findRuntime({ RUNTIME: runtime });
  if (kind === 'runts') return kind;
  const [program = '', ...words] = command;
  return `${kind} ${/version (\d+(?:\.\d+)*)/.exec(execFileSync(program, [...words, '--version'], { encoding: 'utf8' }))?.[1]}`;
}

function runtimes(): string[] {
  const named = process.env['SECURITY_RUNTIMES'];
  if (named !== undefined) return named.split(',');
  const peers = ['/usr/bin/runc', '/usr/sbin/runc', '/usr/bin/crun', '/usr/local/bin/runc', '/usr/local/bin/crun'];
  return [join(projectRoot, existsSync(join(projectRoot, 'dist/runts')) ? 'dist/runts' : 'bin/runts.js'), ...peers.filter(existsSync)];
}

const results = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Results[string]>;
if (process.argv.includes('--check')) {
  const text = readFileSync(page, 'utf8');
  const stale = render(text, results) === text ? [] : [`${page} is stale: bun spec-tests/security/measure.ts --page`];
  const problems = [...stale, ...gaps(Object.keys(results['runts'] ?? {}))];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} else {
  for (const runtime of process.argv.includes('--page') ? [] : runtimes()) results[name(runtime)] = attack(runtime);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(page, render(readFileSync(page, 'utf8'), results));
}
