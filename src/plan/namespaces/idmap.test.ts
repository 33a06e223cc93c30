import { expect, test } from 'vitest';
import type { Mount, Spec } from '../../spec/types.ts';
import { plan } from '../build.ts';
import { planOptions, smallSpec, unifiedHost } from '../testing.ts';

const ids = (hostID: number) => [{ containerID: 0, hostID, size: 1000 }];
const own = { uidMappings: ids(1000), gidMappings: ids(2000) };
const bind: Mount = { destination: '/data', source: '/srv', options: ['bind', 'idmap'] };

function steps(mounts: Mount[], linux: Spec['linux'] = {}) {
  return plan({ ...smallSpec, mounts, linux: { ...smallSpec.linux, ...linux } }, planOptions, unifiedHost).steps;
}

const userNamespace = { namespaces: [{ type: 'user' }, { type: 'mount' }], uidMappings: ids(5), gidMappings: ids(6) } as const;

test('CFG-021 mounts with the same mappings share a user namespace', () => {
  const mounts = [
    { ...bind, ...own },
    { ...bind, ...own, destination: '/b' },
    { ...bind, destination: '/c', uidMappings: ids(7), gidMappings: ids(7) },
  ];
  const made = steps(mounts).filter(({ action }) => action.op === 'userNamespace.make');
  expect(made.map(({ action }) => action)).toMatchObject([
    { uidMap: '0 1000 1000\n', gidMap: '0 2000 1000\n' },
    { uidMap: '0 7 1000\n', gidMap: '0 7 1000\n' },
  ]);
});

test('MNT-060 MNT-061 the mapping comes after its namespace and before the user namespace of the container', () => {
  const all = steps([{ ...bind, options: ['rbind', 'ridmap'] }], userNamespace);
  const at = (wanted: RegExp): number => all.findIndex(({ title }) => wanted.test(title));
  const order = [
    /^make a user namespace/,
    /^wait for the user namespaces/,
    /^open "\/srv"/,
    /^map the ids of "\/srv" .*below it/,
    /^create a user namespace/,
  ].map(at);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order[0]).toBeGreaterThanOrEqual(0);
  expect(all[order[3] as number]?.action).toMatchObject({ recursive: true, set: 0x100000n });
});

test('MNT-060 a user namespace that is joined maps by its file', () => {
  const all = steps([bind], { namespaces: [{ type: 'user', path: '/ns/user' }, { type: 'mount' }] });
  const action = (wanted: string) => all.find(({ title }) => title.startsWith(wanted))?.action as { slot: number; userNamespace: number };
  expect(action('map the ids').userNamespace).toBe(action('open the user namespace /ns/user for the ids of mounts').slot);
  expect(all.some(({ action }) => action.op === 'userNamespace.make')).toBe(false);
});

test('a container without id-mapped mounts does not wait for user namespaces', () => {
  expect(steps([{ ...bind, options: ['bind'] }]).some(({ title }) => title.startsWith('wait for the user namespaces'))).toBe(false);
});
