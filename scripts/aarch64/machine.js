// What a build for aarch64 has to run itself, such as the program that fills its own image: in an emulated machine (scripts/machine).
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Unavailable } from '../unavailable.js';

const root = dirname(dirname(import.meta.dirname));
const build = join(root, 'build');

const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** The release whose kernel it has. */
const kernel = 'trixie';

/**
 * Runs a script of the shell, which can write to build/.
 * @throws Unavailable when there can be no such machine here; Error with all it printed when the script failed
 */
function runThere(script) {
  const machine = [
    join(root, 'scripts', 'machine', 'main.ts'),
    '--arch',
    'aarch64',
    '--kernel',
    kernel,
    '--share',
    build,
    '--timeout',
    '1200',
  ];
  const { status, error, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/bun'), [...machine, '--', 'sh', '-c', script], {
    cwd: build,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status === Unavailable.status) throw new Unavailable(`no machine to run it on: ${stderr.trim().split('\n').pop()}`);
  if (status !== 0) throw new Error(`in the machine for aarch64, status ${status}:\n${stdout}${stderr}`);
}

/**
 * @param {readonly (readonly string[])[]} commands
 * @returns {string[]} what each printed
 * @throws Unavailable, Error as above
 */
export function runAll(commands) {
  mkdirSync(build, { recursive: true });
  const folder = mkdtempSync(join(build, 'said-'));
  try {
    const outputs = commands.map((_, index) => join(folder, String(index)));
    runThere(`set -e\n${commands.map((command, index) => `${command.map(quote).join(' ')} >${quote(outputs[index])}\n`).join('')}`);
    return outputs.map((file) => readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As that of training.js. */
export function trainThere(executable) {
  runThere(`cd ${quote(dirname(executable))}
number=0 status=0
until [ $status = 100 ]; do
  env -i ${quote(`./${basename(executable)}`)} $number
  status=$?
  [ $status = 0 ] || [ $status = 100 ] || { echo "command $number of the training ended with $status"; exit 1; }
  number=$((number + 1))
done`);
}
