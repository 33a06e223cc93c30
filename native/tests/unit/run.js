// Runs the unit tests in the executable's engine under sanitizers, and counts them as vitest does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makePlain } from '../../../scripts/engine.js';
import { run } from '../../../scripts/run.js';
import { sanitized } from '../../../scripts/toolchain.js';

/** So many processes share the files. */
const PARTS = 2;
const root = dirname(dirname(dirname(import.meta.dirname)));

/** @returns how many tests vitest finds in each file */
function counted(files, list) {
  run(join(root, 'node_modules/.bin/vitest'), ['list', '--project', 'unit', `--json=${list}`, ...files]);
  const counts = Object.fromEntries(files.map((file) => [file, 0]));
  for (const { file } of JSON.parse(readFileSync(list, 'utf8'))) counts[file.slice(root.length + 1)]++;
  return counts;
}

/**
 * Starts them, in processes beside this one.
 * @param folder where everything is made
 * @param runs of each property at most; from `long` on the tests that take minutes run, too
 * @param seed of the properties
 * @returns `end`, which waits for their end, and `stop`
 */
export function startUnitTests(folder, runs, seed, long = 1000) {
  const modules = join(folder, 'unit-modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules, { recursive: true });
  const length = runs < long ? 'short' : 'long';
  const files = run(join(root, 'node_modules/.bin/bun'), [join(import.meta.dirname, 'bundle.js'), modules, length])
    .trim()
    .split('\n');
  const executable = join(folder, 'unit');
  makePlain(sanitized, modules, executable);
  // Each has one thread.
  const started = Array.from({ length: PARTS }, (_, part) =>
    startPart(executable, [runs, seed, '', part, PARTS], join(folder, `unit-results-${part}`)),
  );
  return {
    /**
     * @returns how many tests passed, and in how many files
     * @throws Error when one failed, memory was misused, or vitest counts others
     */
    end: async () => {
      const counts = counted(files, join(folder, 'unit-list.json'));
      const results = [];
      for (const { ended, said } of started) {
        const [status, signal] = await ended;
        results.push(...resultsOf(status ?? signal, readFileSync(said, 'utf8'), seed));
      }
      return { tests: judge(results, counts), files: files.length };
    },
    stop: () => {
      for (const { child } of started) child.kill('SIGKILL');
    },
  };
}

/** @param said file for what it says; not a pipe, which nobody reads while this process does something else */
function startPart(executable, args, said) {
  const fd = openSync(said, 'w');
  const child = spawn(executable, args.map(String), { cwd: root, stdio: ['ignore', 'ignore', fd] });
  closeSync(fd);
  return { child, said, ended: once(child, 'close') };
}

/** What became of each test of a part. */
function resultsOf(status, stderr, seed) {
  const lines = stderr.split('\n').filter(Boolean);
  const isResult = (line) => line.startsWith('{"file":');
  if (status !== 0 && status !== 1) {
    throw new Error(`the unit tests ended with ${status} (seed ${seed}):\n${lines.filter((line) => !isResult(line)).join('\n')}`);
  }
  const results = lines.filter(isResult).map((line) => JSON.parse(line));
  if (results.length === 0) throw new Error(lines.join('\n'));
  return results;
}

/** @returns how many tests passed */
function judge(results, counts) {
  const failed = results.filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) throw new Error(failed.map(({ file, title, failure }) => `${file}: ${title}: ${failure}`).join('\n'));
  for (const [file, count] of Object.entries(counts)) {
    const here = results.filter((result) => result.file === file).length;
    if (here !== count) throw new Error(`${file}: ${here} tests ran, vitest has ${count}`);
  }
  return results.length;
}
