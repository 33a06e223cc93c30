// What commands cost, counted and not timed, so that it is the same on every machine and in every run: system calls, instructions, files
// opened, bytes on disk. Each limit lies about 10 % above what was measured when it was written. A change that needs more raises it, with
// the reason; one that needs clearly less lowers it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { findRuntime } from './harness/suite.ts';

/** `each` is for every cgroup hierarchy of the machine: on cgroup v2 there is one. */
interface Limit {
  readonly base: number;
  readonly each: number;
  readonly why: string;
}

const systemCalls = {
  // A cgroup is made, entered, emptied and removed in every hierarchy.
  'run, the runtime': {
    base: 318,
    each: 5,
    why: '293 on cgroup v2: 64 and 64 for signals, of init and in the foreground, 41 capabilities',
  },
  // Every path is opened in the rootfs piece by piece.
  'run, init': { base: 426, each: 2, why: '388 on cgroup v2: 9 for a device, 12 and more for a mount, 64 signals and 41 capabilities' },
  'exec, the runtime': {
    base: 208,
    each: 2,
    why: '191 on cgroup v2: 64 signals of init, 41 capabilities, the state of the container, the talk with init',
  },
  'exec, init': { base: 168, each: 2, why: '155 on cgroup v2: namespaces and cgroups are entered, then the process is set up as in run' },
  'state, the runtime': {
    base: 28,
    each: 0,
    why: '25: the start of the process is 8, because nothing is linked and no memory is asked for',
  },
} satisfies Record<string, Limit>;

const instructions = {
  state: {
    base: 440_000,
    each: 0,
    why: '416 000: nothing is linked, and the modules are in the image and need not be loaded; 5 300 of them ask whether warnings are errors',
  },
  plan: {
    base: 7_270_000,
    each: 160_000,
    why: '6 762 000 on cgroup v2 and 8 162 000 on v1 with 10 hierarchies, a twentieth more since restores, tracing and hosts of users are planned too: config.json parsed, validated, searched for unknown properties, compiled, and the plan printed, a step for every device',
  },
} satisfies Record<string, Limit>;

const bytes = {
  'dist/runts': { base: 6_060_000, each: 0, why: '5 510 896: image, engine, addon and musl' },
  'build/engine/image': {
    base: 4_620_000,
    each: 0,
    why: '4 202 496: the heap of the engine with all modules loaded; only what is touched is read',
  },
  'build/engine/modules.bin': {
    base: 960_000,
    each: 0,
    why: '873 000: bytecode of all modules, D-Bus among them; a sixth more since what only the plan refused has rules that validate knows too, once more with checkpoint and restore, and a tenth with what `errors` says of each code and `doctor` of a host: texts that no other command touches in the image',
  },
} satisfies Record<string, Limit>;

const [executable = ''] = findRuntime().command;
const hierarchies = readFileSync('/proc/self/cgroup', 'utf8').trimEnd().split('\n').length;

function expectAtMost(what: string, counted: number, { base, each, why }: Limit): void {
  const most = base + each * hierarchies;
  expect(counted, `${what}: ${counted}, at most ${most} are expected (${why})`).toBeLessThanOrEqual(most);
  // A counter that counts nothing would pass for ever.
  expect(counted, what).toBeGreaterThan(most / 4);
}

interface Calls {
  readonly runtime: number;
  /** Of all that the runtime starts, until the container's program runs. */
  readonly init: number;
  readonly lines: readonly string[];
}

/** Counts the system calls of one command. */
async function traceCalls(box: Box, args: readonly string[]): Promise<Calls> {
  const file = join(box.directory, 'calls');
  await box.runtime(args, { through: ['/usr/bin/strace', '--follow-forks', '--quiet=all', '--signal=none', '--output', file] });
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.includes(' resumed>'));
  const pid = (line: string): string => line.split(' ', 1)[0] ?? '';
  const [runtime = ''] = lines.map(pid);
  const program = lines.findIndex((line) => pid(line) !== runtime && line.includes('execve("/bin/true"'));
  const ownPid = pid(lines[program] ?? '');
  return {
    runtime: lines.filter((line) => pid(line) === runtime).length,
    init: lines.filter((line, index) => pid(line) !== runtime && (pid(line) !== ownPid || index <= program)).length,
    lines,
  };
}

/** User instructions of one command, without the kernel's. */
async function countInstructions(box: Box, args: readonly string[]): Promise<number> {
  const through = ['/usr/bin/valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null'];
  const { stderr } = await box.runtime(args, { through });
  return Number(/Collected : (\d+)/.exec(stderr)?.[1]);
}

function trueBundle(box: Box, args: readonly string[] = ['/bin/true']) {
  return box.bundle((config) => {
    config.process.args = [...args];
  });
}

// What JavaScript costs under Node is not ours to limit, nor what the dynamic linker does (an executable made by Bun, or linked against glibc).
describe('what commands cost', () => {
  clause(
    'system calls of run, of the runtime and of init',
    async (box) => {
      const bundle = trueBundle(box);
      const { runtime, init } = await traceCalls(box, ['run', '--bundle', bundle.directory, bundle.id]);
      expectAtMost('run, the runtime', runtime, systemCalls['run, the runtime']);
      expectAtMost('run, init', init, systemCalls['run, init']);
    },
    'runts',
    'a static executable',
    '/usr/bin/strace',
  );

  clause(
    'system calls of exec and state',
    async (box) => {
      const bundle = trueBundle(box, ['/bin/sleep', '1000']);
      (await box.runtime(['run', '--detach', '--bundle', bundle.directory, bundle.id])).ok();
      const exec = await traceCalls(box, ['exec', bundle.id, '/bin/true']);
      expectAtMost('exec, the runtime', exec.runtime, systemCalls['exec, the runtime']);
      expectAtMost('exec, init', exec.init, systemCalls['exec, init']);
      const state = await traceCalls(box, ['state', bundle.id]);
      expectAtMost('state, the runtime', state.runtime, systemCalls['state, the runtime']);
    },
    'runts',
    'a static executable',
    '/usr/bin/strace',
  );

  clause(
    'the start opens no files',
    async (box) => {
      const { lines } = await traceCalls(box, ['state', 'none']);
      const opened = lines.filter((line) => / open(at2?)?\(/.test(line) && !/ = -1 /.test(line)).map((line) => /"(.*?)"/.exec(line)?.[1]);
      expect(lines[0]).toContain(' execve(');
      expect(opened).toEqual([]);
    },
    'runts',
    'a static executable',
    '/usr/bin/strace',
  );

  clause(
    'instructions of the shortest command, and of reading, checking and planning a bundle',
    async (box) => {
      expectAtMost('state', await countInstructions(box, ['state', 'none']), instructions.state);
      const { directory } = trueBundle(box);
      expectAtMost('plan', await countInstructions(box, ['plan', directory]), instructions.plan);
    },
    'runts',
    'a static executable',
    '/usr/bin/valgrind',
  );

  clause(
    'bytes that are loaded at start',
    async () => {
      const root = join(dirname(executable), '..');
      for (const [name, limit] of Object.entries(bytes)) {
        // The parts are there where the executable was built.
        const file = name === 'dist/runts' ? executable : join(root, name);
        if (existsSync(file)) expectAtMost(name, statSync(file).size, limit);
      }
    },
    'runts',
    'a static executable',
  );
});
