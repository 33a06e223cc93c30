// Seccomp side by side: size of the program, instructions for each call of a recorded mix, what loading costs, and what calls cost
// inside the container, with Docker's default profile.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { interpret } from '../../src/spec/seccomp/interpreter.ts';
import { worstCase } from '../../src/spec/seccomp/listing.ts';
import { forEachSyscall } from '../../src/spec/seccomp/syscalls/syscalls.ts';
import { compileTimer } from '../bundle.ts';
import { describeMachine, findRuntimes, type Runtime } from '../machine.ts';
import { type Timing, time } from '../timer.ts';

const X86_64 = 0xc000003e;
const here = import.meta.dirname;
/** Where runts keeps compiled filters; `run` mounts a /run of our own. */
const filterCache = '/run/runts~seccomp';
if (process.env['RUNTS_BENCH_PRIVATE'] !== '1') throw new Error('start it by bench/seccomp/run');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '40' }, json: { type: 'string', default: join(here, '../../build/bench-seccomp.json') } },
});
const rounds = Number(values.rounds);
const work = mkdtempSync(join(tmpdir(), 'runts-seccomp-'));
const runtimes = findRuntimes(positionals, work);
const profile = JSON.parse(readFileSync(join(here, '../../spec-tests/seccomp-oracle/fixtures/docker.json'), 'utf8')) as object;
const mix = JSON.parse(readFileSync(join(here, 'mix.json'), 'utf8')) as Record<string, number>;

function compile(source: string, output: string, ...flags: string[]): string {
  execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', output, source, ...flags]);
  return output;
}

/** A bundle that runs one program, with the profile or without. */
function makeBundle(name: string, program: string, seccomp: boolean): string {
  const bundle = join(work, name);
  mkdirSync(bundle);
  execFileSync(runtimes[0]?.path ?? '', ['spec'], { cwd: bundle });
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.ociVersion = '1.0.2';
  config.root.path = join(work, 'rootfs');
  config.process.terminal = false;
  config.process.args = [program];
  if (seccomp) config.linux.seccomp = profile;
  else delete config.linux.seccomp;
  writeFileSync(file, JSON.stringify(config));
  return bundle;
}

const idOf = (runtime: Runtime): string => `bench-seccomp-${runtime.name}`;

function call(runtime: Runtime, ...args: string[]): string {
  return execFileSync(runtime.path, ['--root', runtime.root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The program that the kernel holds for a container of the runtime. */
function loadedProgram(runtime: Runtime, bundle: string, filter: string): Buffer {
  execFileSync(runtime.path, ['--root', runtime.root, 'run', '--detach', '--bundle', bundle, idOf(runtime)], { stdio: 'ignore' });
  try {
    const { pid } = JSON.parse(call(runtime, 'state', idOf(runtime))) as { pid: number };
    const [first = '', ...others] = execFileSync(filter, [String(pid)], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
    if (others.length > 0) throw new Error(`${runtime.name} loads ${others.length + 1} filters`);
    return Buffer.from(first, 'hex');
  } finally {
    spawnSync(runtime.path, ['--root', runtime.root, 'delete', '--force', idOf(runtime)], { stdio: 'ignore' });
  }
}

/** Mean instructions for a call of the recorded mix, arguments being 0. */
function meanInstructions(program: Uint8Array): number {
  let calls = 0;
  let steps = 0;
  forEachSyscall('x86_64', (name, number) => {
    const count = mix[name] ?? 0;
    calls += count;
    if (count > 0) steps += count * interpret(program, { number, audit: X86_64, args: [] }).steps;
  });
  return steps / calls;
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

type Cost = Pick<Timing, 'wall' | 'cpu'>;

function timeRun(timer: string, runtime: Runtime, bundle: string): Cost {
  return time(timer, [runtime.path, '--root', runtime.root, 'run', '--bundle', bundle, idOf(runtime)]);
}

/** Microseconds that the profile adds to `run true`: medians of the differences within a round. */
function addedCost(timer: string, plain: string, filtered: string, forget: () => void): Map<string, Cost> {
  const added = new Map<string, Cost[]>(runtimes.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const runtime of runtimes) {
      const before = timeRun(timer, runtime, plain);
      forget();
      const after = timeRun(timer, runtime, filtered);
      added.get(runtime.name)?.push({ wall: after.wall - before.wall, cpu: after.cpu - before.cpu });
    }
  }
  return new Map(
    [...added].map(([name, list]) => [name, { wall: median(list.map(({ wall }) => wall)), cpu: median(list.map(({ cpu }) => cpu)) }]),
  );
}

type Calls = Readonly<Record<string, number>>;

/** Nanoseconds for a call inside the container, the least of several runs; "no filter" is the same program without a profile. */
function callCosts(plain: string, filtered: string): Map<string, Calls> {
  const result = new Map<string, Calls>();
  const note = (name: string, some: Calls): void => {
    const before = result.get(name) ?? {};
    result.set(
      name,
      Object.fromEntries(Object.entries(some).map(([kind, time]) => [kind, Math.min(time, before[kind] ?? Number.POSITIVE_INFINITY)])),
    );
  };
  for (let round = 0; round < 5; round++) {
    for (const runtime of runtimes) note(runtime.name, JSON.parse(call(runtime, 'run', '--bundle', filtered, idOf(runtime))));
    const [first] = runtimes;
    if (first) note('no filter', JSON.parse(call(first, 'run', '--bundle', plain, idOf(first))));
  }
  return result;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

try {
  mkdirSync(join(work, 'rootfs'));
  for (const [name, source] of [
    ['true', 'int main(void) { return 0; }'],
    ['sleeper', '#include <unistd.h>\nint main(void) { for (;;) pause(); }'],
  ] as const) {
    writeFileSync(join(work, `${name}.c`), source);
    compile(join(work, `${name}.c`), join(work, 'rootfs', name), '-static');
  }
  compile(join(here, 'calls.c'), join(work, 'rootfs/calls'), '-static');
  const filter = compile(join(here, 'filter.c'), join(work, 'filter'));
  const timer = compileTimer(work);
  const bundles = {
    sleeper: makeBundle('sleeper', '/sleeper', true),
    plain: makeBundle('plain', '/true', false),
    filtered: makeBundle('filtered', '/true', true),
    calls: makeBundle('calls', '/calls', true),
    plainCalls: makeBundle('plain-calls', '/calls', false),
  };
  const programs = new Map(runtimes.map((runtime) => [runtime.name, loadedProgram(runtime, bundles.sleeper, filter)]));
  const kept = addedCost(timer, bundles.plain, bundles.filtered, () => undefined);
  const fresh = addedCost(timer, bundles.plain, bundles.filtered, () => rmSync(filterCache, { recursive: true, force: true }));
  const calls = callCosts(bundles.plainCalls, bundles.calls);

  const machine = describeMachine();
  console.log(
    `${machine.kernel}, ${machine.cpus} × ${machine.cpu}; ${runtimes.map(({ name, version }) => `${name} ${version}`).join(', ')}\n`,
  );
  const microseconds = (cost: Cost | undefined): string[] => [
    String(Math.round(cost?.wall ?? Number.NaN)),
    String(Math.round(cost?.cpu ?? Number.NaN)),
  ];
  console.log(
    table(
      ['', 'instructions', 'at most', 'mean of the mix', 'added to `run`, µs wall', 'µs CPU', 'nothing kept, µs wall', 'µs CPU'],
      runtimes.map(({ name }) => {
        const program = programs.get(name) ?? Buffer.alloc(0);
        const size = [String(program.length / 8), String(worstCase(program)), meanInstructions(program).toFixed(1)];
        return [name, ...size, ...microseconds(kept.get(name)), ...microseconds(fresh.get(name))];
      }),
    ),
  );
  const kinds = Object.keys(calls.get('no filter') ?? {});
  console.log(
    `\n${table(
      ['ns for a call', ...kinds],
      [...calls].map(([name, some]) => [name, ...kinds.map((kind) => String(some[kind]))]),
    )}`,
  );
  const report = {
    date: new Date().toISOString(),
    machine,
    runtimes: runtimes.map(({ root: _, ...runtime }) => runtime),
    programs: Object.fromEntries(
      [...programs].map(([name, program]) => [name, { size: program.length / 8, mean: meanInstructions(program) }]),
    ),
    kept: Object.fromEntries(kept),
    fresh: Object.fromEntries(fresh),
    calls: Object.fromEntries(calls),
  };
  writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  for (const runtime of runtimes)
    spawnSync(runtime.path, ['--root', runtime.root, 'delete', '--force', idOf(runtime)], { stdio: 'ignore' });
  rmSync(work, { recursive: true, force: true });
}
