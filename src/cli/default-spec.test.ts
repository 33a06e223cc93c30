import { describe, expect, test } from 'vitest';
import { validateSpec } from '../spec/validate.ts';
import { defaultSpec } from './default-spec.ts';

const settings = [
  { unifiedCgroups: false },
  { unifiedCgroups: true },
  { unifiedCgroups: true, rootless: { uid: 1000, gid: 100 } },
] as const;

test.each(settings)('%j passes validation', (options) => {
  const { problems, warnings } = validateSpec(JSON.parse(JSON.stringify(defaultSpec(options))));
  expect([...problems, ...warnings]).toEqual([]);
});

describe('rootless', () => {
  const { linux, mounts } = defaultSpec({ unifiedCgroups: true, rootless: { uid: 1000, gid: 100 } });

  test('a user namespace, and the network of the host', () => {
    expect(linux?.namespaces?.map(({ type }) => type)).toEqual(['pid', 'ipc', 'uts', 'mount', 'user', 'cgroup']);
    expect(linux?.uidMappings).toEqual([{ containerID: 0, hostID: 1000, size: 1 }]);
    expect(linux?.gidMappings).toEqual([{ containerID: 0, hostID: 100, size: 1 }]);
    expect(linux?.resources).toBeUndefined();
  });

  test('no groups that are not mapped', () => {
    expect(JSON.stringify(mounts)).not.toContain('gid=');
  });
});

test('root: six namespaces on cgroup v2, no inheritable or ambient capabilities (CVE-2022-29162)', () => {
  const { linux, process } = defaultSpec({ unifiedCgroups: true });
  expect(linux?.namespaces?.map(({ type }) => type)).toEqual(['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup']);
  expect(Object.keys(process?.capabilities ?? {})).toEqual(['bounding', 'effective', 'permitted']);
});
