// What `npm test` does, task by task; run-task.ts runs one.
import { dirname, join } from 'node:path';
import { cppSources } from './cpp-sources.js';
import { libFuzzer } from './programs.js';

const root = dirname(import.meta.dirname);
const bin = join(root, 'node_modules/.bin');

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
  /** It keeps one processor busy and disturbs nobody: such tasks in a row run beside each other. */
  readonly beside?: true;
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
  beside: true,
});

const lint = (title: string, command: readonly string[], needs?: string): Task => ({
  group: 'lint',
  title,
  command,
  ...(needs === undefined ? {} : { needs }),
  beside: true,
});

export const tasks: readonly Task[] = [
  lint('format and rules of TypeScript (Biome)', [join(bin, 'biome'), 'check', '--error-on-warnings']),
  lint('format of C++', ['clang-format', '--dry-run', '-Werror', ...cppSources('written')], 'clang-format'),
  lint('types of the sources', [tsc(), '-p', 'tsconfig.json', '--noEmit']),
  lint('types of the tests and scripts', [tsc(), '-p', 'tsconfig.test.json']),
  lint('types of the library, by TypeScript 5.9', [tsc('-5.9'), '-p', 'tsconfig.types.json']),
  lint('dependency rule', [bun, 'scripts/check-dependencies.ts']),
  lint('nothing refers to what lies beside a clone', [bun, 'scripts/outside.ts']),
  lint('paths of a rootfs are resolved in one file', [bun, 'scripts/path-calls.ts']),
  lint('no file is longer than 300 lines', [bun, 'scripts/check-sizes.ts']),
  lint('no test waits for a fixed time, or is skipped without a reason', [bun, 'scripts/hiding-tests.ts']),
  lint('generated files are up to date', [bun, 'scripts/generate.ts', '--check']),
  lint('every binding clause has a test', [bun, 'scripts/clause-report.ts']),
  lint('the table of differences is up to date', [bun, 'spec-tests/differences.ts', '--check']),
  lint('the table of attacks is up to date', [bun, 'spec-tests/security/measure.ts', '--check']),
  lint('the table of platforms is up to date, and nothing failed', [bun, 'scripts/platforms/main.ts', '--check']),
  lint('nothing unused (knip)', [join(bin, 'knip'), '--no-progress', '--treat-config-hints-as-errors']),
  lint('the site, its links, and a docstring for every export (typedoc)', ['node', 'scripts/site/main.js']),
  lint('the package (publint)', [join(bin, 'publint'), 'run', '--strict']),
  { group: 'lint', title: 'bugs in C++ (clang-tidy)', command: ['scripts/clang-tidy'], needs: 'clang-tidy' },
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
  {
    group: 'spec',
    title: 'real containers on aarch64',
    command: ['spec-tests/aarch64/run', ...reporters],
    env: { RUNTIME: '' },
    needs: 'qemu-system-aarch64',
    needsFile: join(root, 'dist/runts'),
    needsRoot: true,
    counts: 'vitest',
    beside: true,
  },
  onKernel('real containers on an older kernel', 'debian-12', 'bookworm'),
  onKernel('checkpoints on a kernel that tells CRIU all', 'debian-13', 'trixie'),
  onKernel('real containers on the oldest kernel', 'debian-11', 'bullseye'),
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

/** Tasks in their order: those of a round may run at once. */
export function inRounds(list: readonly Task[]): readonly (readonly Task[])[] {
  const rounds: Task[][] = [];
  for (const task of list) {
    const last = rounds.at(-1);
    if (task.beside && last?.[0]?.beside) last.push(task);
    else rounds.push([task]);
  }
  return rounds;
}
