// Whole lives of containers, as a program of Node has them: by the library, or by a runtime's `run` as a process for each. Argument: JSON of a `Lives`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Lives
 * @property {string} [program] a runtime; absent: the library
 * @property {string} root state root
 * @property {string} filters where the library keeps compiled filters
 * @property {string} directory where bundles are made
 * @property {string} spec file of the configuration
 * @property {string} id its beginning
 * @property {number} count
 * @property {number} lanes how many at a time
 */
const { program, root, filters, directory, spec: file, id, count, lanes } = JSON.parse(process.argv[2]);
const text = readFileSync(file, 'utf8');

async function byLibrary() {
  const { Runtime } = await import(join(import.meta.dirname, '../../lib/bundle/index.js'));
  const runtime = new Runtime({ root, filterCache: filters });
  const spec = JSON.parse(text);
  return {
    live: async (serial) => {
      const result = await runtime.run({ id: `${id}-${serial}`, spec });
      if (result.exitCode !== 0) throw new Error(JSON.stringify(result));
    },
    end: () => runtime.close(),
  };
}

/** Its program in a bundle of its own, its output collected, the bundle removed. */
function run(serial) {
  const bundle = join(directory, `${id}-${serial}`);
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'config.json'), text);
  const child = spawn(program, ['--root', root, 'run', '--bundle', bundle, `${id}-${serial}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      rmSync(bundle, { recursive: true });
      if (status === 0) resolve();
      else reject(new Error(`${program}: status ${status}: ${Buffer.concat(chunks)}`));
    });
  });
}

const { live, end } = program === undefined ? await byLibrary() : { live: run, end: () => {} };
let next = 0;
async function lane() {
  while (next < count) await live(next++);
}
await Promise.all(Array.from({ length: lanes }, lane));
await end();
