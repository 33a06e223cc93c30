// Installs and builds what the commands named need and what is missing or older than its sources, and says what it does:
// `node scripts/make-ready.js COMMAND…`, see purposes.js.
// Plain JavaScript on Node's own modules: on a fresh clone nothing else is there yet.
import { spawnSync } from 'node:child_process';
import { rmSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { install } from './install.js';
import { products, staleness } from './products.js';
import { searchPath } from './programs.js';
import { purposes } from './purposes.js';
import { Unavailable } from './unavailable.js';

const root = dirname(import.meta.dirname);

function fail(words) {
  console.error(words);
  process.exit(1);
}

/** @param tolerant whether the commands can do without what this machine cannot have */
function build(product, tolerant) {
  const { name, file, command } = product;
  const state = staleness(product);
  if (state === undefined) return;
  const words = command.join(' ');
  console.log(`${state}: ${name}; running ${words}`);
  const started = Date.now();
  const { status, error } = spawnSync(command[0], command.slice(1), { cwd: root, stdio: 'inherit' });
  if (status === Unavailable.status && tolerant) {
    // Or an older one would be tested in its place.
    rmSync(join(root, file), { force: true });
    console.log(`${name} is not there, and what needs it is skipped\n`);
    return;
  }
  if (status !== 0) fail(`${words} failed${error ? `: ${error.message}` : ''}`);
  // make leaves a file alone whose sources changed in time only; without this it would look out of date for ever.
  if (staleness(product) !== undefined) utimesSync(join(root, file), new Date(), new Date());
  console.log(`done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(purposes, name));
if (unknown.length > 0) fail(`make-ready: no such command: ${unknown.join(', ')} (there are ${Object.keys(purposes).join(', ')})`);
if (wanted.includes('quickstart') && process.geteuid?.() !== 0) {
  fail('The quickstart needs root (it mounts and makes cgroups); one command installs, builds and runs it:\n\n  sudo npm run quickstart\n');
}
process.env.PATH = searchPath();
if (!install(wanted)) fail('nothing can be built without them');

const last = Math.max(...wanted.map((name) => products.findIndex(({ file }) => file === purposes[name].upTo)));
const tolerant = wanted.every((name) => !purposes[name].must.includes('musl-gcc'));
for (const product of products.slice(0, last + 1)) build(product, tolerant);
