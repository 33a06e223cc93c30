import { expect, test } from 'vitest';
import { damageOf } from './record.ts';

const sound = {
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
  ['the state of another', { ...sound, id: 'b' }, 'state.json speaks of "b"'],
])('%s', (_, record, damage) => {
  expect(damageOf(record, 'a')).toBe(damage);
});
