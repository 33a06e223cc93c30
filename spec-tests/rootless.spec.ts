import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import type { Config, IdMapping } from './harness/config.ts';
import type { Container } from './harness/container.ts';
import { asUser, bundleOfUser, byUser, needs, rangeNeeds, several, single, subordinate, uid } from './harness/plain-user.ts';
import { findRuntime } from './harness/suite.ts';

/** stdout of a program in a container of the user. */
async function output(
  box: Box,
  mappings: readonly IdMapping[],
  args: readonly string[],
  change: (config: Config) => void = () => {},
): Promise<string> {
  const bundle = await bundleOfUser(box, mappings, (config) => {
    config.process.args = [...args];
    change(config);
  });
  return (await box.run(bundle, byUser(box))).ok().stdout;
}

const lines = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));

/** Everything that is done with a container, by the user. */
async function lifecycle(box: Box, mappings: readonly IdMapping[], call = byUser(box)): Promise<void> {
  const bundle = await bundleOfUser(box, mappings);
  const words = (...args: string[]) => box.runtime(args, call);
  const container = await box.create(bundle, call);
  if (box.kind === 'runts') expect(container.stderr).toContain('running without a cgroup of its own');
  const status = async (): Promise<string> => (await words('state', bundle.id)).ok().json<{ status: string }>().status;
  expect(await status()).toBe('created');
  (await words('start', bundle.id)).ok();
  expect(await status()).toBe('running');
  expect((await words('list', '--quiet')).ok().stdout.trim()).toBe(bundle.id);
  expect((await words('exec', bundle.id, 'sh', '-c', 'id -u; exit 7')).status).toBe(7);
  expect((await words('exec', bundle.id, 'id', '-u')).ok().stdout).toBe('0\n');
  expect(readFileSync(`/proc/${container.pid}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\t${uid}\\t`, 'm'));
  (await words('kill', bundle.id, 'KILL')).ok();
  await ends(box, container);
  (await words('delete', bundle.id)).ok();
  expect((await words('list', '--quiet')).ok().stdout).toBe('');
  expect(box.leftovers()).toEqual([]);
}

const ends = (box: Box, { id }: Container): Promise<unknown> =>
  until('it is stopped', async () => (await box.runtime(['state', id], byUser(box))).ok().json<{ status: string }>().status === 'stopped');

describe('a user without privileges, with one id', () => {
  clause(
    'CLI-092 spec --rootless writes what run takes',
    async (box) => {
      const bundle = await bundleOfUser(box, single);
      const call = byUser(box, { ranges: false });
      (await box.host(['rm', join(bundle.directory, 'config.json')])).ok();
      (await box.runtime(['spec', '--rootless', '--bundle', bundle.directory], call)).ok();
      const config = JSON.parse(readFileSync(join(bundle.directory, 'config.json'), 'utf8')) as Config;
      config.process.terminal = false;
      config.process.args = ['sh', '-c', 'cat /proc/self/uid_map; id -u; hostname'];
      config.process.env.push(...box.marks);
      bundle.writeText(JSON.stringify(config));
      const [map, id, hostname] = lines((await box.run(bundle, call)).ok().stdout);
      expect(map).toEqual(['0', String(uid), '1']);
      expect(id).toEqual(['0']);
      expect(hostname).toEqual([config.hostname]);
    },
    ...needs,
  );

  clause('RUN-010 create, state, start, list, exec, kill and delete', (box) => lifecycle(box, single), ...needs);

  clause(
    'LNX-020 the kernel is promised that the groups stay',
    async (box) => {
      expect(await output(box, single, ['cat', '/proc/self/setgroups'])).toBe('deny\n');
    },
    ...needs,
  );
});

describe('a user without privileges, with ranges of ids', () => {
  clause(
    'LNX-020 newuidmap and newgidmap write the mappings',
    async (box) => {
      const text = await output(box, several, ['cat', '/proc/self/uid_map', '/proc/self/gid_map']);
      const map = [
        ['0', String(uid), '1'],
        ['1', String(subordinate.from), String(subordinate.size)],
      ];
      expect(lines(text)).toEqual([...map, ...map]);
    },
    ...rangeNeeds,
  );

  clause('RUN-010 create, state, start, list, exec, kill and delete, with ranges', (box) => lifecycle(box, several), ...rangeNeeds);

  clause(
    'CFG-065 CFG-066 on the host the process has a subordinate id',
    async (box) => {
      const bundle = await bundleOfUser(box, several, (config) => {
        config.process.user = { uid: 1000, gid: 1001 };
      });
      const container = await box.create(bundle, byUser(box));
      const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');
      expect(status).toMatch(new RegExp(`^Uid:\\t${subordinate.from + 999}\\t`, 'm'));
      expect(status).toMatch(new RegExp(`^Gid:\\t${subordinate.from + 1000}\\t`, 'm'));
    },
    ...rangeNeeds,
  );
});

describe('a user who has capabilities over ids', () => {
  const capable = (box: Box) => byUser(box, { ranges: false, keeps: 'setuid,setgid' });

  clause(
    'LNX-020 the runtime itself writes the mappings that no range gives him',
    async (box) => {
      const bundle = await bundleOfUser(box, several, (config) => {
        config.process.user = { uid: 1000, gid: 1001 };
        config.process.args = ['sh', '-c', 'cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups'];
      });
      const text = (await box.run(bundle, capable(box))).ok().stdout;
      const map = [
        ['0', String(uid), '1'],
        ['1', String(subordinate.from), String(subordinate.size)],
      ];
      expect(lines(text)).toEqual([...map, ...map, ['allow']]);
    },
    '/usr/bin/setpriv',
    ...needs,
  );

  clause(
    'RUN-010 create, state, start, list, exec, kill and delete, with capabilities',
    (box) => lifecycle(box, several, capable(box)),
    '/usr/bin/setpriv',
    ...needs,
  );

  clause(
    'LNX-020 CAP_SETUID and CAP_SETGID of the executable do',
    async (box) => {
      const [command = ''] = findRuntime().command;
      const copy = join(box.directory, 'runtime-with-capabilities');
      copyFileSync(command, copy);
      (await box.host(['setcap', 'cap_setuid,cap_setgid+ep', copy])).ok();
      const bundle = await bundleOfUser(box, several, (config) => {
        config.process.args = ['cat', '/proc/self/uid_map'];
      });
      const call = ['--root', box.stateRoot, 'run', '--bundle', bundle.directory, bundle.id];
      const result = await box.host([...asUser(box, { ranges: false }), copy, ...call]);
      expect(lines(result.ok().stdout)).toHaveLength(2);
    },
    'runts',
    'a static executable',
    '/usr/sbin/setcap',
    ...needs,
  );
});
