// Runs container tests with the executable under sanitizers, and fails when one has reported anything, whatever the tests say:
// `native/tests/sanitized-spec.js [FILE… | all] [OPTION OF VITEST…]`; without a file a few that come by most of the addon and of init.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hostedFault, initReports } from '../../scripts/hosted-init.js';
import { run } from '../../scripts/run.js';
import { sanitizerReports } from '../../scripts/toolchain.js';

const root = dirname(dirname(import.meta.dirname));
const executable = join(root, 'dist/runts-sanitized');
const folder = dirname(sanitizerReports);

const few = ['exec-process', 'hooks', 'lifecycle', 'mounts', 'seccomp', 'terminal'];

/**
 * What counts instructions, limits address space, measures time, loads a library before the sanitizers', or looks at what init consists of,
 * says nothing here.
 */
const senseless = ['cost', 'bench', 'clock', 'security/executable'];

const args = process.argv.slice(2);
const named = args.filter((word) => !word.startsWith('-'));
const files = named.includes('all') ? [] : named.length > 0 ? named : few.map((name) => `spec-tests/${name}.spec.ts`);

run(process.execPath, [join(root, 'scripts/build-binary.js'), '--sanitize']);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const forget = () => writeFileSync(initReports.file, Buffer.alloc(initReports.size));

/** What init has reported since then: its length and the text. */
function initReport() {
  const told = readFileSync(initReports.file);
  return told.toString('utf8', 8, 8 + Number(told.readBigUInt64LE()));
}

/** A child on the stack of its parent (CLONE_VM) that ends: AddressSanitizer says that it does not know the stack, and nothing is wrong. */
const isUnknownStack = (text) => text.includes('is ignoring requested __asan_handle_no_return') && !text.includes('ERROR: ');

forget();
// What is reported has to get here, or a run without reports says nothing.
spawnSync(hostedFault(), { stdio: 'ignore' });
if (!initReport().includes('stack-buffer-overflow')) throw new Error('a mistake of init would not be reported');
forget();
const excluded = senseless.flatMap((name) => ['--exclude', `spec-tests/${name}.spec.ts`]);
const options = args.filter((word) => word.startsWith('-'));
const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', '--project', 'spec', ...excluded, ...files, ...options], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, RUNTIME: executable },
});
const found = initReport();
if (found !== '') writeFileSync(`${sanitizerReports}.init`, found);
const reports = readdirSync(folder)
  .filter((name) => name.startsWith(basename(sanitizerReports)))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  .filter(({ text }) => !isUnknownStack(text));
for (const { name, text } of reports) console.log(`${name}:\n${text}`);
console.log(`${reports.length} reports of sanitizers`);
process.exitCode = reports.length > 0 ? 1 : (status ?? 1);
