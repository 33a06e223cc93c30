import { expect, test } from 'vitest';
import type { Spec } from '../../spec/types.ts';
import { Remainder } from './remainder.ts';

const spec = (): Spec => ({
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  mounts: ['/a', '/b', '/c'].map((destination) => ({ destination, type: 'tmpfs', options: ['x', 'y'] })),
  linux: { resources: { pids: { limit: 1 }, memory: { limit: 1 } }, sysctl: { 'a/b': '1' } },
});

test('a member goes, and the configuration that was given stays', () => {
  const given = spec();
  const rest = new Remainder(given);
  expect(rest.take('/linux/resources/pids')).toEqual({ pointer: '/linux/resources/pids', taken: true });
  expect(rest.spec.linux?.resources).toEqual({ memory: { limit: 1 } });
  expect(given).toEqual(spec());
});

test('of a list the whole entry goes, and pointers are those of the whole list', () => {
  const rest = new Remainder(spec());
  expect(rest.take('/mounts/0/options/1')).toEqual({ pointer: '/mounts/0/options/1', taken: true });
  expect(rest.take('/mounts/1/type')).toEqual({ pointer: '/mounts/2/type', taken: true });
  expect(rest.spec.mounts?.map(({ destination }) => destination)).toEqual(['/b']);
});

test.each(['', '/mounts', '/linux/nothing', '/mounts/7', '/linux/toString'])('%s is not taken away', (pointer) => {
  const rest = new Remainder(spec());
  expect(rest.take(pointer)).toEqual({ pointer, taken: false });
  expect(rest.spec).toEqual(spec());
});

test('names are escaped in pointers', () => {
  expect(new Remainder(spec()).take('/linux/sysctl/a~1b')).toEqual({ pointer: '/linux/sysctl/a~1b', taken: true });
});
