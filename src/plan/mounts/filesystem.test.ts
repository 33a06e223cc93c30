import { expect, test } from 'vitest';
import type { Linux, Spec } from '../../spec/types.ts';
import { plan } from '../build.ts';
import { planOptions, smallSpec, unifiedHost } from '../testing.ts';

const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

function specWith(...namespaces: NonNullable<Linux['namespaces']>): Spec {
  return {
    ...smallSpec,
    mounts: [
      { destination: '/proc', type: 'proc' },
      { destination: '/sys', type: 'sysfs' },
    ],
    linux: { namespaces: [{ type: 'mount' }, { type: 'user' }, ...namespaces], uidMappings: ids, gidMappings: ids },
  };
}

const steps = (spec: Spec, kernel: readonly [number, number] = [6, 18]) => plan(spec, planOptions, { ...unifiedHost, kernel }).steps;
const made = (spec: Spec, kernel?: readonly [number, number]): string[] =>
  steps(spec, kernel).flatMap(({ stage, action }) =>
    action.op === 'fs.mount' && action.type !== 'tmpfs'
      ? [`${action.type} ${stage} ${'options' in action ? action.options.join() : ''}`.trim()]
      : [],
  );

test('CFG-018 filesystems of namespaces of the container are made in its user namespace', () => {
  expect(made(specWith({ type: 'pid' }, { type: 'network' }))).toEqual(['proc init', 'sysfs init']);
});

test('CFG-018 those of the host’s namespaces are made by the runtime', () => {
  expect(made(specWith())).toEqual(['proc intermediate', 'sysfs intermediate']);
});

test('CFG-018 those of joined namespaces are made when these are entered and the user namespace is not', () => {
  const titles = steps(specWith({ type: 'network', path: '/net' }, { type: 'pid' })).map(({ title }) => title);
  const order = ['join the network namespace /net', 'create "sysfs" on "/sys"', 'create a user namespace'];
  expect(titles.filter((title) => order.includes(title))).toEqual(order);
});

test('CFG-018 proc of a joined pid namespace is made where the kernel can be told which', () => {
  const spec = specWith({ type: 'pid', path: '/pid' }, { type: 'network' });
  expect(made(spec)).toEqual(['proc intermediate pidns=/proc/self/ns/pid_for_children', 'sysfs init']);
  expect(made(spec, [6, 16])).toEqual(['proc init', 'sysfs init']);
  const joined = {
    ...spec,
    linux: { ...spec.linux, namespaces: [{ type: 'mount' as const, path: '/mnt' }, ...(spec.linux?.namespaces ?? []).slice(1)] },
  };
  expect(made(joined)).toEqual(['proc init', 'sysfs init']);
});

test('CFG-018 without a user namespace nothing is made ahead', () => {
  const spec = specWith();
  const { uidMappings: _uid, gidMappings: _gid, ...linux } = spec.linux ?? {};
  expect(made({ ...spec, linux: { ...linux, namespaces: [{ type: 'mount' }] } })).toEqual(['proc init', 'sysfs init']);
});
