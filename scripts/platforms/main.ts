/**
 * The platforms that the suite was run on: a record of each in docs/platforms/, and the page docs/platforms.md.
 *
 *     bun scripts/platforms/main.ts run NAME [--rest] [FILE…]   runs the suite, or the files given, there, and notes what came of it
 *     bun scripts/platforms/main.ts note NAME [RUN]             notes a run that was made in another way or stopped
 *     bun scripts/platforms/main.ts [--check]                   writes the page; --check only looks whether it is up to date, without failures
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownFiles } from '../outside.ts';
import { type Platform, platforms } from './list.ts';
import { problems, type Records, render } from './page.ts';
import { afterwards, note, type PlatformRecord, type Run, type Sources } from './record.ts';

const root = dirname(dirname(import.meta.dirname));
const page = join(root, 'docs/platforms.md');
const folder = join(root, 'docs/platforms');

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const recordPath = (name: string): string => join(folder, `${name}.json`);
const runPath = (name: string): string => join('build', `platform-${name}.json`);

function findPlatform(name = ''): Platform {
  const platform = platforms[name];
  if (platform === undefined) throw new Error(`no platform "${name}"; there are: ${Object.keys(platforms).join(', ')}`);
  return platform;
}

function records(): Records {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return Object.fromEntries(names.sort().map((name) => [name.slice(0, -'.json'.length), readJson<PlatformRecord>(join(folder, name))]));
}

/** Files of tests with containers; those of the engines are no part of the suite. */
const tests = (): string[] => ownFiles(root).filter((path) => /^spec-tests\/.*\.(spec|engine)\.ts$/.test(path));

const suite = (): string[] => tests().filter((path) => path.endsWith('.spec.ts'));

function sources(): Sources {
  const day = execFileSync('git', ['log', '-1', '--format=%ad', '--date=format:%Y-%m-%d'], { cwd: root, encoding: 'utf8' }).trim();
  return { version: readJson<{ version: string }>(join(root, 'package.json')).version, day, files: tests(), suite: suite().length };
}

const writePage = (): void => writeFileSync(page, render(readFileSync(page, 'utf8'), records()));

function noteRun(name: string, run: Run): void {
  const path = recordPath(name);
  const before = existsSync(path) ? readJson<PlatformRecord>(path) : undefined;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(note(before, run, sources()), null, 2)}\n`);
  writePage();
  for (const [title, words] of Object.entries(run.failures)) console.error(`${title}: ${words}`);
}

/** Files of the platform that its record has nothing of. */
function rest(name: string, { files = suite() }: Platform): string[] {
  const done = existsSync(recordPath(name)) ? readJson<PlatformRecord>(recordPath(name)).files : {};
  return files.filter((file) => done[file] === undefined);
}

/** @returns the status of the suite */
function runSuite(name: string, args: readonly string[]): number {
  const platform = findPlatform(name);
  const { command = ['node_modules/.bin/vitest', 'run', '--project', 'spec'], env = {}, needs } = platform;
  if (needs !== undefined && !process.env[needs[0]]) throw new Error(`${needs[0]} has to name ${needs[1]}`);
  const named = args.filter((word) => word !== '--rest');
  const files = named.length > 0 ? named : args.includes('--rest') ? rest(name, platform) : (platform.files ?? suite());
  if (files.length === 0) throw new Error('nothing is left to be run');
  mkdirSync(join(root, 'build'), { recursive: true });
  rmSync(join(root, runPath(name)), { force: true });
  const [program = '', ...words] = [...command, ...files, `--outputFile.record=${runPath(name)}`];
  // Whoever stops the suite wants to have noted what it did until then.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  const { status } = spawnSync(program, words, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  const run = readJson<Run>(join(root, runPath(name)));
  const unexplained = run.complete && status !== 0 && Object.values(run.files).every(({ failed }) => failed === 0);
  const last = { passed: 0, failed: 1, skipped: 0, reasons: {} };
  noteRun(name, unexplained ? { ...run, files: { ...run.files, [afterwards]: last } } : run);
  return status ?? 1;
}

function check(): number {
  const stale =
    render(readFileSync(page, 'utf8'), records()) === readFileSync(page, 'utf8')
      ? []
      : ['docs/platforms.md is stale: bun scripts/platforms/main.ts'];
  const found = [...stale, ...problems(records())];
  for (const problem of found) console.error(problem);
  return found.length === 0 ? 0 : 1;
}

const [verb, name = '', ...args] = process.argv.slice(2);
if (verb === 'run') process.exitCode = runSuite(name, args);
else if (verb === 'note') {
  findPlatform(name);
  noteRun(name, readJson<Run>(args[0] ?? join(root, runPath(name))));
} else if (verb === '--check') process.exitCode = check();
else writePage();
