// Installs and builds what is missing or older than its sources, and says what it does: `node scripts/make-ready.js [--binary]`.
// Plain JavaScript on Node's own modules: on a fresh clone nothing else is there yet.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);

/** What runts consists of, in the order in which each needs the one before. */
const products = [
  {
    name: 'npm packages',
    file: 'node_modules/.package-lock.json',
    sources: ['package-lock.json'],
    command: ['npm', 'ci', '--no-audit', '--no-fund', '--prefer-offline'],
  },
  {
    name: 'the addon and init (C++)',
    file: 'build/Release/runts.node',
    sources: ['native/core', 'native/addon', 'native/init', 'binding.gyp'],
    command: ['npm', 'run', '--silent', 'build:native'],
  },
  {
    name: 'lib/ (TypeScript)',
    file: 'lib/main.js',
    sources: ['src', 'tsconfig.json'],
    command: ['npm', 'run', '--silent', 'build:ts'],
  },
  {
    name: 'dist/runts (single executable)',
    file: 'dist/runts',
    sources: [
      'src',
      'native/engine',
      'build/Release/runts.node',
      'scripts/build-binary.js',
      'scripts/quickjs.js',
      'scripts/quickjs-changes.js',
      'package.json',
    ],
    command: ['npm', 'run', '--silent', 'build:binary'],
  },
];

/** Time of the newest file below a path, in milliseconds; 0 when there is none. */
function newest(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

for (const { name, file, sources, command } of products) {
  const made = statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs;
  const changed = Math.max(...sources.map((source) => newest(join(root, source))));
  if (made !== undefined && made >= changed) continue;
  console.log(`${made === undefined ? 'missing' : 'out of date'}: ${name}; running ${command.join(' ')}`);
  const started = Date.now();
  const { status, error } = spawnSync(command[0], command.slice(1), { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${command.join(' ')} failed${error ? `: ${error.message}` : ''}`);
    process.exit(1);
  }
  // make leaves a file alone whose sources changed in time only; without this it would look out of date for ever.
  utimesSync(join(root, file), new Date(), new Date());
  console.log(`done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
