import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeEvents } from '../failure/failure.ts';
import { damageOf, laterFormat, recordFormat, upgraded } from './record.ts';

const sound = {
  formatVersion: 1,
  id: 'a',
  ociVersion: '1.0.2',
  pid: 7,
  startTime: '123',
  isCreated: true,
  bundle: '/b',
  rootfs: '/b/rootfs',
  created: '2026-01-01T00:00:00Z',
  cgroupPaths: { '': '/sys/fs/cgroup/a' },
  madeCgroups: ['/sys/fs/cgroup/a'],
  hasProcess: true,
  hasOwnPidNamespace: true,
  changedRoot: false,
  startSteps: { 3: { title: 'x', action: { op: 'exec' } } },
  poststart: [],
  poststop: [{ path: '/x', args: ['/x'] }],
};

test('a sound record', () => {
  expect(damageOf(sound, 'a')).toBeUndefined();
  expect(damageOf({ ...sound, hook: { pid: 1, startTime: '2' }, later: 'member' }, 'a')).toBeUndefined();
});

test.each([
  ['null', null, 'state.json holds no object'],
  ['a list', [], 'state.json holds no object'],
  ['a number', 7, 'state.json holds no object'],
  ['an empty object', {}, '"ociVersion" in state.json is missing'],
  ['a pid below 0', { ...sound, pid: -1 }, '"pid" in state.json is malformed'],
  ['a pid as text', { ...sound, pid: '7' }, '"pid" in state.json is malformed'],
  ['a start time that is no number', { ...sound, startTime: '' }, '"startTime" in state.json is malformed'],
  ['cgroups that are no paths', { ...sound, cgroupPaths: { '': 'a' } }, '"cgroupPaths" in state.json is malformed'],
  ['no list of cgroups', { ...sound, madeCgroups: undefined }, '"madeCgroups" in state.json is missing'],
  ['hooks that are none', { ...sound, poststop: ['x'] }, '"poststop" in state.json is malformed'],
  ['a format that is no number', { ...sound, formatVersion: '1' }, '"formatVersion" in state.json is malformed'],
  ['a format below 0', { ...sound, formatVersion: -1 }, '"formatVersion" in state.json is malformed'],
  ['a format in between', { ...sound, formatVersion: 1.5 }, '"formatVersion" in state.json is malformed'],
  ['the state of another', { ...sound, id: 'b' }, 'state.json speaks of "b"'],
])('%s', (_, record, damage) => {
  expect(damageOf(record, 'a')).toBe(damage);
});

const fixtures = new URL('fixtures/', import.meta.url);

test('there are records of every format, as it was written then, and all are read', () => {
  expect(readdirSync(fixtures)).toEqual(Array.from({ length: recordFormat + 1 }, (_, format) => `format-${format}`));
  for (const directory of readdirSync(fixtures)) {
    const names = readdirSync(new URL(directory, fixtures));
    expect(names).toEqual(['created.json', 'ended.json', 'on-the-host.json']);
    for (const name of names) {
      const record = JSON.parse(readFileSync(new URL(`${directory}/${name}`, fixtures), 'utf8'));
      expect(laterFormat(record)).toBeUndefined();
      expect(damageOf(record, name.replace('.json', '')), `${directory}/${name}`).toBeUndefined();
      expect(upgraded(record)).toEqual({ ...record, formatVersion: recordFormat });
    }
  }
});

test('a record of today is taken as it is: nothing is copied', () => {
  expect(upgraded(sound)).toBe(sound);
});

test.each([
  ['the next format', { formatVersion: recordFormat + 1 }, recordFormat + 1],
  ['a format far from here, whatever else there is', { formatVersion: 99, pid: 'none' }, 99],
  ['the format of today', sound, undefined],
  ['a record from before there was a number', { ...sound, formatVersion: undefined }, undefined],
  ['no object', null, undefined],
  ['no number', { formatVersion: '2' }, undefined],
])('later than this runts: %s', (_, record, later) => {
  expect(laterFormat(record)).toBe(later);
});

test('what start hears of an init that has waited since before an upgrade: another layout is another format', () => {
  const failed = Buffer.from('010000005000000002000000060000000000000000000000657865637665', 'hex');
  expect(decodeEvents(failed)).toEqual([{ kind: 1, step: 80, errno: 2, value: 0, text: ['execve'], fds: [] }]);
});
