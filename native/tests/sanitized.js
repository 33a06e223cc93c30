// Builds the executable without its image and with AddressSanitizer and UndefinedBehaviorSanitizer in engine and addon, and has it do what
// needs no rights: run the unit tests, and read, validate and plan what engines wrote, and the same with bytes changed.
// `native/tests/sanitized.js [ROUNDS [RUNS OF A PROPERTY]]`; from 1000 runs on with the unit tests that take minutes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundleModules, makePlain } from '../../scripts/engine.js';
import { sanitized } from '../../scripts/toolchain.js';
import { startUnitTests } from './unit/run.js';

const root = dirname(dirname(import.meta.dirname));
const recordings = join(root, 'spec-tests/recordings');
const rounds = Number(process.argv[2] ?? 60);
const runs = Number(process.argv[3] ?? 3);
/** The same in every run of the suite; another one by hand. */
const seed = Number(process.env.FUZZ_SEED ?? 1);
// Beside the options of native/engine/sanitizers.cc: here nothing closes the standard streams, and what they say is shown.
Object.assign(process.env, { ASAN_OPTIONS: 'log_path=stderr', UBSAN_OPTIONS: 'log_path=stderr' });

/** A linear congruential generator, so that a seed tells everything. */
let state = seed;
function below(limit) {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state % limit;
}

function call(executable, args, cwd, env = process.env) {
  const { status, signal, stderr } = spawnSync(executable, args, { cwd, encoding: 'utf8', env });
  if (status === 0 || status === 1 || (status === 255 && args[0] === 'exec')) return;
  throw new Error(`${args.join(' ')} ended with ${status ?? signal} (FUZZ_SEED=${seed}):\n${stderr.slice(-8000)}`);
}

/** Words that readers have to deal with, put anywhere. */
const words = [
  '"',
  '{',
  '}',
  '[',
  ']',
  '\\u0000',
  '\\ud800',
  '\ufeff',
  '18446744073709551615',
  '-1',
  '1e999',
  'null',
  '\u0000',
  'é',
  '9'.repeat(400),
];

function changed(text) {
  let made = text;
  for (let times = 1 + below(4); times > 0; times--) {
    const [at, length] = [below(made.length), below(3) === 0 ? below(40) : 0];
    made = made.slice(0, at) + words[below(words.length)] + made.slice(at + length);
  }
  return made;
}

let unitTests;
const work = mkdtempSync(join(tmpdir(), 'runts-sanitized-'));
try {
  const folder = join(root, 'build/native-tests');
  mkdirSync(folder, { recursive: true });
  makePlain(sanitized, join(import.meta.dirname, 'engine'), join(folder, 'faults'));
  // New memory looks like an object of the engine with a bad address, so that whoever reads it before it is written to fails.
  const filled = `${process.env.ASAN_OPTIONS}:malloc_fill_byte=255:max_malloc_fill_size=1048576`;
  call(join(folder, 'faults'), [], work, { ...process.env, ASAN_OPTIONS: filled });
  // The rest is done meanwhile.
  unitTests = startUnitTests(folder, runs, seed);
  const runts = join(folder, 'runts-sanitized');
  makePlain(sanitized, bundleModules([]), runts);
  const stateRoot = join(work, 'state');
  mkdirSync(join(work, 'rootfs'));
  for (const line of ['features', 'spec', '--help', 'list', 'state nothing', 'kill nothing', 'delete --force nothing']) {
    call(runts, ['--root', stateRoot, ...line.split(' ')], work);
  }
  const write = (text) => writeFileSync(join(work, 'config.json'), text);
  const texts = readdirSync(recordings).map((name) => readFileSync(join(recordings, name), 'utf8'));
  for (const text of texts) {
    write(text);
    for (const verb of ['validate', 'plan']) call(runts, ['--root', stateRoot, verb, work], work);
  }
  for (let round = 0; round < rounds; round++) {
    write(changed(texts[below(texts.length)] ?? ''));
    for (const verb of ['validate', 'plan']) call(runts, ['--root', stateRoot, verb, work], work);
  }
  console.log(`${texts.length} recordings and ${rounds} changed ones, seed ${seed}`);
  const { tests, files } = await unitTests.end();
  console.log(`${tests} unit tests of ${files} files, ${runs} runs of each property at most, seed ${seed}`);
} finally {
  unitTests?.stop();
  rmSync(work, { recursive: true });
}
