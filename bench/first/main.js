// The first sandbox of a process of Node, which ends as soon as it has the result. Arguments: the kind, and JSON of what it takes.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [kind, json] = process.argv.slice(2);
const given = JSON.parse(json);

const kinds = {
  /** Nothing: the start and the end of Node, which the others have as well. */
  node: async () => {},
  library: async ({ root, filters, spec, id }) => {
    const { Runtime } = await import(join(import.meta.dirname, '../../lib/bundle/index.js'));
    const runtime = new Runtime({ root, filterCache: filters });
    const { exitCode } = await runtime.run({ id, spec: JSON.parse(readFileSync(spec, 'utf8')) });
    if (exitCode !== 0) throw new Error(`status ${exitCode}`);
  },
  /** An engine within this process, which has no kernel between itself and what it runs. */
  isolate: async ({ module }) => {
    const { default: ivm } = await import(module);
    const isolate = new ivm.Isolate({ memoryLimit: 128 });
    const context = await isolate.createContext();
    if ((await context.eval('true')) !== true) throw new Error('not true');
  },
  program: ({ words: [program, ...args] }) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const errors = [];
      child.stdout.resume();
      child.stderr.on('data', (chunk) => errors.push(chunk));
      child.on('error', reject);
      child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(`status ${status}: ${Buffer.concat(errors)}`))));
    }),
};

await kinds[kind](given);
process.exit(0);
