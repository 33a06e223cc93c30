// What `npm test` does, task by task, and how each is counted.
import { type StdioOptions, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cppSources } from './cpp-sources.js';
import { isInstalled, libFuzzer } from './programs.js';
import type { Summary } from './summary.ts';
import { Unavailable } from './unavailable.js';

const root = dirname(import.meta.dirname);
const bin = join(root, 'node_modules/.bin');

export interface Outcome extends Summary {
  /** Why something was skipped or failed, in a few words. */
  readonly note?: string;
}

export interface Task {
  readonly group: 'lint' | 'native' | 'unit' | 'spec' | 'engines';
  readonly title: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program that not every machine has: without it the task is skipped, visibly. */
  readonly needs?: string;
  /** A file that not every checkout has beside it: the same. */
  readonly needsFile?: string;
  /** Skipped, visibly, for everybody else. */
  readonly needsRoot?: true;
  /** vitest counts its tests itself, anything else counts as one. */
  readonly counts?: 'vitest';
  /** Platform whose record can be made of the run (scripts/platforms). */
  readonly platform?: string;
}

const bun = join(bin, 'bun');
/** By its package: the program of that name in `bin` may be of either. */
const tsc = (release = '') => join(root, `node_modules/typescript${release}/bin/tsc`);
const reporters = ['default', './spec-tests/harness/reporter.ts'].map((name) => `--reporter=${name}`);
const engines = [join(bin, 'vitest'), 'run', '--config', 'spec-tests/engines/vitest.config.ts', '--root', '.', ...reporters];
/**
 * What the second run, with Node, does without, as its front end takes another way in none of it: tests that look at no runtime, or at
 * the library; and those about init and the kernel, which are the same for both. By hand all of them run with Node too.
 */
const firstRunOnly = [
  'seccomp-oracle/**',
  'library/**',
  'security/{steps,faults,death,death-random,hunted,races-*,power-cut}.spec.ts',
  '{rounds,completion,examples,rootless-config*,mount-*,bind-*,cgroup-*,seccomp-*,devices,idmap,effects,survivors}.spec.ts',
  '{checkpoint*,restore,namespaces,net-*,filesystems,host-mounts,hook-failures,hanging-hooks,resource-values,update,guides}.spec.ts',
].flatMap((files) => ['--exclude', `spec-tests/${files}`]);
const vitest = (project: string) => [join(bin, 'vitest'), 'run', '--project', project, ...reporters];

const onKernel = (title: string, platform: string, kernel: string): Task => ({
  group: 'spec',
  title,
  command: ['spec-tests/old-kernel', ...reporters],
  platform,
  env: { RUNTIME: join(root, 'dist/runts'), KERNEL: kernel },
  needs: 'qemu-system-x86_64',
  needsFile: join(root, 'dist/runts'),
  needsRoot: true,
  counts: 'vitest',
});

export const tasks: readonly Task[] = [
  { group: 'lint', title: 'format and rules of TypeScript (Biome)', command: [join(bin, 'biome'), 'check', '--error-on-warnings'] },
  {
    group: 'lint',
    title: 'format of C++',
    command: ['clang-format', '--dry-run', '-Werror', ...cppSources('written')],
    needs: 'clang-format',
  },
  { group: 'lint', title: 'bugs in C++ (clang-tidy)', command: ['scripts/clang-tidy'], needs: 'clang-tidy' },
  { group: 'lint', title: 'types of the sources', command: [tsc(), '-p', 'tsconfig.json', '--noEmit'] },
  { group: 'lint', title: 'types of the tests and scripts', command: [tsc(), '-p', 'tsconfig.test.json'] },
  { group: 'lint', title: 'types of the library, by TypeScript 5.9', command: [tsc('-5.9'), '-p', 'tsconfig.types.json'] },
  { group: 'lint', title: 'dependency rule', command: [bun, 'scripts/check-dependencies.ts'] },
  { group: 'lint', title: 'nothing refers to what lies beside a clone', command: [bun, 'scripts/outside.ts'] },
  { group: 'lint', title: 'paths of a rootfs are resolved in one file', command: [bun, 'scripts/path-calls.ts'] },
  { group: 'lint', title: 'no file is longer than 300 lines', command: [bun, 'scripts/check-sizes.ts'] },
  { group: 'lint', title: 'no test waits for a fixed time, or is skipped without a reason', command: [bun, 'scripts/hiding-tests.ts'] },
  { group: 'lint', title: 'generated files are up to date', command: [bun, 'scripts/generate.ts', '--check'] },
  { group: 'lint', title: 'every binding clause has a test', command: [bun, 'scripts/clause-report.ts'] },
  { group: 'lint', title: 'the table of differences is up to date', command: [bun, 'spec-tests/differences.ts', '--check'] },
  { group: 'lint', title: 'the table of attacks is up to date', command: [bun, 'spec-tests/security/measure.ts', '--check'] },
  {
    group: 'lint',
    title: 'the table of platforms is up to date, and nothing failed',
    command: [bun, 'scripts/platforms/main.ts', '--check'],
  },
  { group: 'lint', title: 'nothing unused (knip)', command: [join(bin, 'knip'), '--no-progress', '--treat-config-hints-as-errors'] },
  { group: 'lint', title: 'the site, its links, and a docstring for every export (typedoc)', command: ['node', 'scripts/site/main.js'] },
  { group: 'lint', title: 'the package (publint)', command: [join(bin, 'publint'), 'run', '--strict'] },
  { group: 'native', title: 'native/core', command: ['native/tests/run'] },
  {
    group: 'native',
    title: 'readers in C++, fuzzed for some seconds each (libFuzzer)',
    command: ['native/tests/fuzz', 'wire tables answers netlink exchange'],
    needs: libFuzzer,
  },
  {
    group: 'native',
    title: 'engine, addon and readers of src/, fuzzed for some seconds each (libFuzzer)',
    command: ['native/tests/fuzz', 'documents readers events calls engine'],
    needs: libFuzzer,
    needsFile: join(root, 'build/quickjs/source'),
  },
  {
    group: 'native',
    title: 'engine and addon under sanitizers',
    command: ['node', 'native/tests/sanitized.js'],
    needsFile: join(root, 'build/quickjs/source'),
  },
  { group: 'unit', title: 'pure code (vitest)', command: vitest('unit'), counts: 'vitest' },
  ...(['dist/runts', 'bin/runts.js'] as const).map((runtime): Task => {
    const isFirst = runtime === 'dist/runts';
    const env = { RUNTIME: join(root, runtime) };
    return {
      group: 'spec',
      title: `real containers with ${runtime}`,
      command: isFirst ? vitest('spec') : [...vitest('spec'), ...firstRunOnly],
      platform: isFirst ? 'host' : 'host-node',
      env,
      counts: 'vitest',
      needsFile: join(root, runtime),
    };
  }),
  {
    group: 'spec',
    title: 'real containers under sanitizers',
    command: ['node', 'native/tests/sanitized-spec.js', ...reporters],
    counts: 'vitest',
    needsFile: join(root, 'build/quickjs/source'),
    needsRoot: true,
  },
  onKernel('real containers on an older kernel', 'debian-12', 'bookworm'),
  onKernel('real containers on the oldest kernel', 'debian-11', 'bullseye'),
  onKernel('checkpoints on a kernel that tells CRIU all', 'debian-13', 'trixie'),
  {
    group: 'spec',
    title: 'real containers on aarch64',
    command: ['spec-tests/aarch64/run', ...reporters],
    env: { RUNTIME: '' },
    needs: 'qemu-system-aarch64',
    needsFile: join(root, 'dist/runts'),
    needsRoot: true,
    counts: 'vitest',
  },
  ...Object.entries({ docker: 'dockerd', podman: 'podman', containerd: 'ctr', indistinguishable: 'dockerd', systemd: 'systemd' }).map(
    ([file, program]): Task => ({
      group: 'engines',
      title: `real engines, ${file}`,
      command: ['spec-tests/engines/enter', ...engines, file],
      needs: program,
      needsRoot: true,
      counts: 'vitest',
    }),
  ),
];

function runVitest(task: Task): Outcome {
  const file = join(root, 'build', `vitest-${process.pid}.json`);
  const record = task.platform === undefined ? [] : [`--outputFile.record=${join('build', `platform-${task.platform}.json`)}`];
  const { status, stderr } = spawn(task, [`--outputFile.summary=${file}`, ...record], ['ignore', 'inherit', 'pipe']);
  process.stderr.write(stderr);
  try {
    const summary = JSON.parse(readFileSync(file, 'utf8')) as Summary;
    // A file that cannot even be loaded has no tests to fail, an error between tests belongs to none: both show in the status only.
    return { ...summary, failed: summary.failed || (status === 0 ? 0 : 1) };
  } catch {
    if (status === Unavailable.status) return skipped('what it needs cannot be had here, see above');
    return { passed: 0, failed: 1, skipped: 0, note: `vitest left no report, and ended with status ${status} after: ${lastLines(stderr)}` };
  } finally {
    rmSync(file, { force: true });
  }
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-8).join(' | ');

function spawn(task: Task, extra: readonly string[], stdio: StdioOptions) {
  const [program = '', ...args] = [...task.command, ...extra];
  const env = { ...process.env, ...task.env };
  return spawnSync(program, args, { cwd: root, env, encoding: 'utf8', stdio, maxBuffer: 1 << 28 });
}

const skipped = (note: string): Outcome => ({ passed: 0, failed: 0, skipped: 1, note, reasons: { [note]: 1 } });

/** Runs one task. Output of a tool is shown when it fails; vitest shows its own as it goes. */
export function run(task: Task): Outcome {
  if (task.needs && !isInstalled(task.needs)) return skipped(`${task.needs} is not installed`);
  if (task.needsFile && !existsSync(task.needsFile)) return skipped(`there is no ${task.needsFile}`);
  if (task.needsRoot && process.geteuid?.() !== 0) return skipped('not root');
  if (task.counts === 'vitest') return runVitest(task);
  const { status, signal, error, stdout, stderr } = spawn(task, [], ['ignore', 'pipe', 'pipe']);
  if (status === 0) return { passed: 1, failed: 0, skipped: 0 };
  console.log(`${stdout ?? ''}${stderr ?? ''}`.trimEnd());
  return { passed: 0, failed: 1, skipped: 0, note: error?.message ?? (signal ? `ended by ${signal}` : `status ${status}`) };
}
