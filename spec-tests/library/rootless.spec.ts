// The library of a user without privileges: what works, and the one error that says what to do where something does not.
import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { RuntimeOptions } from '../../src/index.ts';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import type { IdMapping } from '../harness/config.ts';
import { asUser, bundleOfUser, needs, rangeNeeds, several, single } from '../harness/plain-user.ts';
import { libraryFile } from './library.ts';

/** Whole lives, and a container that stays, as the user; tells what came of them. Arguments: the library, options, the bundle. */
const script = `
const [library, options, bundle] = process.argv.slice(1);
const { Runtime, RuntimeError } = await import(library);
const warnings = [];
const runtime = new Runtime({ ...JSON.parse(options), warn: ({ code }) => warnings.push(code) });
const told = {};
try {
  const { exitCode, reason, stdout } = await runtime.run({ bundle, input: 'given' });
  told.run = { exitCode, reason, stdout };
  const container = await runtime.create({ bundle, id: 'stays', stdio: ['pipe', 'ignore', 'ignore'] });
  await container.start();
  const { exitCode: status, stdout: text } = await container.exec(['sh', '-c', 'id -u; exit 7']);
  told.exec = { status, text };
  told.status = (await container.state()).status;
  await container.kill('SIGKILL');
  told.signal = (await container.wait()).signal;
  await container.delete();
  const endless = async function* () { await new Promise(() => {}); };
  told.timeout = (await runtime.run({ bundle, timeout: 300, input: endless() })).reason;
  told.list = await runtime.list();
} catch (error) {
  if (!(error instanceof RuntimeError)) throw error;
  const { code, hint } = error;
  told.error = { code, hint };
}
await runtime.close();
console.log(JSON.stringify({ ...told, warnings: [...new Set(warnings)] }));
process.exit(0);
`;

/** What came of it. */
interface Told {
  readonly run?: { readonly exitCode: number; readonly reason: string; readonly stdout: string };
  readonly error?: { readonly code: string; readonly hint: string };
  readonly warnings: readonly string[];
}

async function tell(box: Box, mappings: readonly IdMapping[], options: Partial<RuntimeOptions>, resources: object = {}): Promise<Told> {
  const bundle = await bundleOfUser(box, mappings, (config) => {
    config.process.args = ['sh', '-c', 'id -u; cat'];
    config.linux.resources = resources;
  });
  const given = JSON.stringify({ root: box.stateRoot, ...options });
  const node = ['node', '--input-type=module', '--eval', script, libraryFile, given, bundle.directory];
  const result = (await box.host([...asUser(box, { ranges: mappings === several }), ...node])).ok();
  expect(readdirSync(box.stateRoot)).toEqual([]);
  expect(box.leftovers()).toEqual([]);
  return result.json<Told>();
}

const works = {
  run: { exitCode: 0, reason: 'exit', stdout: '0\ngiven' },
  exec: { status: 7, text: '0\n' },
  status: 'running',
  signal: 'SIGKILL',
  timeout: 'timeout',
  list: [],
};

describe('a user without privileges', () => {
  clause(
    'LIB-033 whose containers outlive him: the whole life of one, exec, and a time-out, with one id',
    async (box) => {
      expect(await tell(box, single, { outlive: true, cgroupDriver: 'disabled' })).toMatchObject(works);
    },
    'runts',
    ...needs,
  );

  clause(
    'LIB-033 and with subordinate ids; a cgroup that nobody has given him is a warning',
    async (box) => {
      expect(await tell(box, several, { outlive: true })).toMatchObject({ ...works, warnings: ['NO_CGROUP'] });
    },
    'runts',
    ...rangeNeeds,
  );

  clause(
    'LIB-033 a limit takes a cgroup: without one it is an error, and no container without a limit',
    async (box) => {
      const told = await tell(box, single, { outlive: true, cgroupDriver: 'disabled' }, { pids: { limit: 10 } });
      expect(told.run).toBeUndefined();
      expect(told.error).toMatchObject({ code: 'CGROUPS_UNAVAILABLE' });
    },
    'runts',
    ...needs,
  );

  clause(
    'LIB-034 whose containers are to end with him gets one error with what to do',
    async (box) => {
      const { error, run } = await tell(box, single, { cgroupDriver: 'disabled' });
      expect(run).toBeUndefined();
      expect(error).toMatchObject({ code: 'GUARD_FAILED', hint: expect.stringContaining('outlive: true') });
    },
    'runts',
    ...needs,
  );
});
