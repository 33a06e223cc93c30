// A tiny CI runner: steps of a pipeline, each in a sandbox with a copy of the sources, those at a time that wait for no other.
// As root: node examples/ci.js PIPELINE.json FOLDER, where a pipeline is such as
//   { "lint": { "run": "./lint" }, "test": { "run": "./test" }, "pack": { "run": "tar c . | wc -c", "needs": ["lint", "test"] } }
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { hostPrograms, Runtime, sandbox } from 'runts';

const [pipeline = 'ci.json', folder = '.'] = process.argv.slice(2);
const steps = JSON.parse(readFileSync(pipeline, 'utf8'));

const { root, mounts } = hostPrograms('/var/tmp/ci-root');
mkdirSync(join(root, 'mnt'), { recursive: true });
const sources = { source: resolve(folder), destination: '/mnt' };
const runtime = new Runtime({ root: '/run/ci' });

async function perform(name, path) {
  const { run, needs = [] } = steps[name];
  const before = await Promise.all(needs.map((needed) => outcome(needed, [...path, name])));
  if (!before.every((isGood) => isGood)) return conclude(name, 'skipped');
  const spec = sandbox({
    root,
    mounts: [...mounts, sources],
    args: ['sh', '-ec', `mkdir /tmp/work; cp -R /mnt/. /tmp/work; cd /tmp/work; ${run}`],
    memory: 512 << 20,
  });
  const { exitCode, reason, stdout, stderr } = await runtime.run({ spec, timeout: 600_000, maxOutput: 1 << 20 });
  const text = stdout + stderr;
  return conclude(name, exitCode === 0 ? 'passed' : `failed (${reason}${exitCode === null ? '' : ` ${exitCode}`})`, text);
}

function conclude(name, verdict, text = '') {
  console.log([`${name}: ${verdict}`, ...text.split('\n').filter(Boolean)].join('\n  '));
  return verdict === 'passed';
}

/** Steps that were begun, each once, however many wait for it. */
const begun = new Map();
function outcome(name, path) {
  if (!steps[name]) throw new Error(`there is no step ${name}`);
  if (path.includes(name)) throw new Error(`${name} waits for itself`);
  if (!begun.has(name)) begun.set(name, perform(name, path));
  return begun.get(name);
}

try {
  const outcomes = await Promise.all(Object.keys(steps).map((name) => outcome(name, [])));
  process.exitCode = outcomes.every((isGood) => isGood) ? 0 : 1;
} finally {
  await runtime.close();
}
