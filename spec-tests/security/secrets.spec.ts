import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { clause } from '../harness/clause.ts';
import { type Config, set } from '../harness/config.ts';
import type { RunOptions } from '../harness/runtime-call.ts';

const secret = 'hunter2-stands-nowhere-else';

/** What goes wrong, each with a secret in the environment of the program and of a hook. */
const failures: Readonly<Record<string, (config: Config) => void>> = {
  'no such program': (config) => {
    config.process.args = ['/no/such/program'];
  },
  'no such directory': (config) => {
    config.process.cwd = '/proc/self/fd/7/x';
  },
  'a variable without =': (config) => {
    config.process.env.push(secret);
  },
  'a variable without a name': (config) => {
    config.process.env.push(`=${secret}`);
  },
  'a variable of another type': (config) => set(config, '/process/env/1', { value: secret }),
  'a mount that fails': (config) => {
    config.mounts.push({ destination: '/x', type: 'nosuchfs', source: 'x' });
  },
  'a hook that fails': (config) => {
    config.hooks = { createRuntime: [{ path: '/bin/false', args: ['false'], env: [`SECRET=${secret}`] }] };
  },
  'a hook without =': (config) => {
    config.hooks = { createRuntime: [{ path: '/bin/true', args: ['true'], env: [secret] }] };
  },
  'an unknown capability': (config) => {
    config.process.capabilities = { bounding: ['CAP_NONE'] };
  },
};

const makeSecret = (box: Box, change: (config: Config) => void): Bundle =>
  box.bundle((config) => {
    config.process.env.push(`SECRET=${secret}`);
    change(config);
  });

describe('a secret of the environment', () => {
  for (const [what, change] of Object.entries(failures)) {
    clause(
      `SEC-006 is in no error, log, trace, finding or state: ${what}`,
      async (box) => {
        const bundle = makeSecret(box, change);
        const [log, trace] = ['log', 'trace'].map((name) => join(box.directory, name)) as [string, string];
        const options: RunOptions = { global: ['--log', log, '--log-format', 'json', '--log-level', 'debug', '--trace', trace] };
        const said = [await box.tryCreate(bundle, options), await box.tryCreate(bundle), await box.runtime(['state', bundle.id])];
        for (const format of ['text', 'json', 'sarif']) said.push(await box.runtime(['validate', '--format', format, bundle.directory]));
        const texts = said.map(({ stdout, stderr }) => `${stdout}${stderr}`);
        expect([...texts, readFileSync(log, 'utf8'), readFileSync(trace, 'utf8')].filter((text) => text.includes(secret))).toEqual([]);
      },
      'runts',
    );
  }

  clause(
    'SEC-006 is in no error of exec, nor in the list of processes',
    async (box) => {
      const container = await box.started(makeSecret(box, () => {}));
      const said = [
        await container.exec(['/no/such/program'], ['--env', `MORE=${secret}`]),
        await container.exec(['true'], ['--env', secret, '--cwd', '/none/such']),
        await container.exec(['true'], ['--env', `MORE=${secret}`, '--user', 'nobody']),
        await box.runtime(['ps', container.id]),
        await box.runtime(['list', '--format', 'json']),
        await box.runtime(['events', '--stats', container.id]),
      ];
      expect(said.map(({ stdout, stderr }) => `${stdout}${stderr}`).filter((text) => text.includes(secret))).toEqual([]);
    },
    'runts',
  );
});
