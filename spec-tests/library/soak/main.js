// A program that makes many sandboxes, several at a time, and prints what it has before and after, as JSON. Argument: JSON of a `Soak`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDescriptors } from '../descriptors.js';
import { collectGarbage } from './garbage.js';

/**
 * @typedef {object} Soak
 * @property {string} library file of the module
 * @property {string} root state root
 * @property {string} directory where the root of sandboxes is made
 * @property {string} id beginning of the ids, and of the names of cgroups
 * @property {number} lanes how many at a time
 * @property {number} warmUp how many before those that count
 * @property {number} count
 */
const { library, root, directory, id: name, lanes, warmUp, count } = JSON.parse(process.argv[2]);
const { hostPrograms, Runtime, sandbox } = await import(library);
const host = hostPrograms(join(directory, 'host'));
const runtime = new Runtime({ root, filterCache: join(directory, 'filters') });
const scripts = ['exit 0', 'exit 3', 'kill -KILL $$', 'yes', 'sleep 1000', 'exec tail /dev/zero', 'cat'];

async function live(serial) {
  const id = `${name}-${serial}`;
  const spec = sandbox({ ...host, args: ['sh', '-c', scripts[serial % scripts.length]], memory: 16 << 20, pids: 8 });
  const inCgroup = { ...spec, linux: { ...spec.linux, cgroupsPath: `/${id}` } };
  const options = { timeout: 400, maxOutput: 10_000, input: id };
  // Every eleventh is given up.
  const signal = serial % 11 === 0 ? AbortSignal.timeout(serial % 40) : undefined;
  await runtime.run({ id, spec: inCgroup, ...options, ...(signal ? { signal } : {}) }).catch((error) => {
    if (!signal?.aborted) throw error;
  });
}

let next = 0;
async function lane(until) {
  while (next < until) await live(next++);
}
const until = (most) => Promise.all(Array.from({ length: lanes }, () => lane(most)));

const children = () =>
  readdirSync('/proc/self/task').flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean));

async function inventory() {
  const collected = await collectGarbage();
  return {
    collected,
    memory: process.memoryUsage().rss,
    descriptors: openDescriptors(),
    children: children(),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
  };
}

await until(warmUp);
const before = await inventory();
await until(warmUp + count);
const after = await inventory();
await runtime.close();
console.log(JSON.stringify({ before, after }));
