// What a container is after runts was replaced, by a later one or by an earlier one.
import { copyFileSync, existsSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { alive, type Container } from './harness/container.ts';
import { findRuntime } from './harness/suite.ts';

const stateFile = (box: Box, { id }: Container): string => join(box.stateRoot, id, 'state.json');

/** Rewrites the record of a container: without a format version it is as runts wrote it before there was one. */
function rewrite(box: Box, container: Container, formatVersion: number | undefined): string {
  const path = stateFile(box, container);
  const record = JSON.parse(readFileSync(path, 'utf8'));
  expect(record.formatVersion).toBe(1);
  const text = JSON.stringify({ ...record, formatVersion });
  writeFileSync(path, text);
  return text;
}

describe('a container of the runts before', () => {
  clause(
    'RT-001 CLI-029 goes on: state, start, exec, pause, kill and delete',
    async (box) => {
      const poststop = join(box.directory, 'poststop');
      const bundle = box.bundle((config) => {
        config.hooks = { poststop: [{ path: '/bin/sh', args: ['sh', '-c', `cat >${poststop}`] }] };
      });
      const container = await box.create(bundle);
      rewrite(box, container, undefined);
      expect(await container.status()).toBe('created');
      await container.start();
      expect(await container.output('/bin/echo', 'here')).toBe('here');
      expect((await box.runtime(['list', '--quiet'])).ok().stdout).toBe(`${container.id}\n`);
      (await box.runtime(['pause', container.id])).ok();
      expect(await container.status()).toBe('paused');
      (await box.runtime(['resume', container.id])).ok();
      (await container.kill('KILL')).ok();
      await container.reaches('stopped');
      (await container.delete()).ok();
      expect(JSON.parse(readFileSync(poststop, 'utf8'))).toMatchObject({ id: container.id, status: 'stopped' });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});

describe('a container of a later runts', () => {
  clause(
    'CLI-029 RT-059 CLI-063 is refused by name, hides no other and loses nothing, also by delete --force',
    async (box) => {
      const [later, sound] = [await box.started(box.bundle()), await box.started(box.bundle())];
      const text = rewrite(box, later, 2);
      const words = `the state of container ${later.id} has the format version 2, written by a later runts; runts `;
      const verbs = [
        ['state'],
        ['kill'],
        ['delete'],
        ['delete', '--force'],
        ['start'],
        ['pause'],
        ['resume'],
        ['ps'],
        ['events', '--stats'],
      ];
      for (const verb of verbs) {
        const log = join(box.directory, 'log');
        const result = await box.runtime([...verb, later.id], { global: ['--log', log, '--log-format', 'json'] });
        expect(result.status, verb.join(' ')).toBe(1);
        const { code, msg, hint } = JSON.parse(readFileSync(log, 'utf8').trim().split('\n').at(-1) as string);
        expect([code, msg], verb.join(' ')).toEqual(['STATE_VERSION', expect.stringContaining(words)]);
        expect(hint).toContain(`if there is none, remove ${stateFile(box, later)}, and "runts delete --force ${later.id}"`);
      }
      expect((await later.exec(['/bin/true'])).status).toBe(255);
      expect(readFileSync(stateFile(box, later), 'utf8')).toBe(text);
      expect(alive(later.pid)).toBe(true);
      const listed = (await box.runtime(['list', '--format', 'json'], { global: ['--log-level', 'warning'] })).ok();
      expect(listed.json<{ id: string }[]>().map(({ id }) => id)).toEqual([sound.id]);
      expect(listed.stderr).toContain(`passing over ${later.id}: ${words}`);
      rewriteBack(box, later);
      (await later.delete('--force')).ok();
      expect(existsSync(join(box.stateRoot, later.id))).toBe(false);
    },
    'runts',
  );
});

describe('a container of a later runts of the same minor version', () => {
  clause(
    'RT-001 CLI-029 is like an own one, and keeps what its record has besides',
    async (box) => {
      const container = await box.create(box.bundle());
      const path = stateFile(box, container);
      const record = () => JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(path, JSON.stringify({ ...record(), laterMember: { of: ['a', 'patch'] } }));
      expect(await container.status()).toBe('created');
      await container.start();
      expect(await container.output('/bin/echo', 'here')).toBe('here');
      for (const verb of ['pause', 'resume', 'ps']) (await box.runtime([verb, container.id])).ok();
      (await box.runtime(['update', '--pids-limit', '50', container.id])).ok();
      expect((await box.runtime(['list', '--quiet'])).ok().stdout).toBe(`${container.id}\n`);
      expect(record().laterMember).toEqual({ of: ['a', 'patch'] });
      (await container.kill('KILL')).ok();
      await container.reaches('stopped');
      (await container.delete()).ok();
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});

describe('an executable that is replaced', () => {
  clause(
    'RT-001 CLI-031 goes on in a run in the foreground, whose container is that of the new one too',
    async (box) => {
      const executable = join(box.directory, 'runts');
      const put = () => {
        copyFileSync(findRuntime().command[0] ?? '', `${executable}.new`);
        renameSync(`${executable}.new`, executable);
      };
      put();
      const call = (...args: string[]) => box.host([executable, '--root', box.stateRoot, ...args]);
      const bundle = box.bundle();
      const run = box.background([executable, '--root', box.stateRoot, 'run', '--bundle', bundle.directory, bundle.id]);
      const created = box.bundle();
      (await call('create', '--bundle', created.directory, created.id)).ok();
      await until('it runs', async () => (await call('state', bundle.id)).stdout.includes('"running"'));
      put();
      expect(readlinkSync(`/proc/${run.pid}/exe`)).toBe(`${executable} (deleted)`);
      (await call('start', created.id)).ok();
      for (const { id } of [bundle, created]) expect((await call('exec', id, '/bin/echo', 'here')).ok().stdout).toBe('here\n');
      (await call('kill', bundle.id, 'KILL')).ok();
      expect((await run.exited).status).toBe(137);
      (await call('delete', '--force', created.id)).ok();
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    'the executable',
  );
});

/** As if the later runts were back. */
function rewriteBack(box: Box, container: Container): void {
  const path = stateFile(box, container);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), formatVersion: 1 }));
}
