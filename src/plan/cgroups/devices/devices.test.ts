import { describe, expect, it } from 'vitest';
import type { LinuxResources } from '../../../spec/types.ts';
import { deviceProperties } from '../systemd/devices.ts';
import { failure, hybrid, limits, planFor, unified } from '../testing.ts';

describe('devices', () => {
  const denyAll = { allow: false, access: 'rwm' };

  it('LNX-075 v1: deny all, then exceptions, then what every container may use', () => {
    const steps = limits(hybrid, { devices: [denyAll, { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }] });
    expect(steps.slice(0, 5)).toEqual([
      'devices/c/devices.deny = a',
      'devices/c/devices.allow = c 10:229 rw',
      'devices/c/devices.allow = c *:* m',
      'devices/c/devices.allow = b *:* m',
      'devices/c/devices.allow = c 1:3 rwm',
    ]);
    expect(steps).toHaveLength(13);
  });

  it('v1: privileged', () =>
    expect(limits(hybrid, { devices: [{ allow: true, access: 'rwm' }] })).toEqual(['devices/c/devices.allow = a']));

  it('v1: rules before one for everything do not matter', () => {
    const rules = [{ allow: true, type: 'c', major: 1, access: 'rwm' }, denyAll] as const;
    expect(limits(hybrid, { devices: rules })).toEqual(limits(hybrid, { devices: [denyAll] }));
  });

  it('v1: deny one of all', () => {
    const all = { allow: true, access: 'rwm' };
    expect(limits(hybrid, { devices: [all, { allow: false, type: 'b', major: 8, access: 'w' }] })).toEqual([
      'devices/c/devices.allow = a',
      'devices/c/devices.deny = b 8:* w',
    ]);
  });

  it('v1: a rule that only takes away a part of an exception cannot be said', () => {
    const rules = [
      denyAll,
      { allow: true, type: 'c', access: 'rwm' },
      { allow: false, type: 'c', major: 9, minor: 1, access: 'rwm' },
    ] as const;
    expect(failure(() => limits(hybrid, { devices: rules })).code).toBe('CGROUP_UNSUPPORTED');
  });

  it('LNX-080 v2: one program', () => {
    const { steps } = planFor(unified, { cgroupsPath: '/c', resources: { devices: [denyAll] } });
    const filter = steps.find(({ action }) => action.op === 'cgroup.deviceFilter');
    expect(filter).toMatchObject({ pointer: '/linux/resources/devices', action: { path: '/sys/fs/cgroup/c' } });
    const without = planFor(unified, { cgroupsPath: '/c', resources: {} }).steps;
    expect(without.find(({ action }) => action.op === 'cgroup.deviceFilter')?.action).toEqual(filter?.action);
  });

  it.each([
    ['of type "a" with numbers', [{ allow: true, type: 'a', major: 10, minor: 229, access: 'rwm' }], [{ allow: true, access: 'rwm' }]],
    ['of type "a" with a part of the access', [{ allow: false, type: 'a', access: 'w' }], [denyAll]],
    ['that comes before one of type "a"', [{ allow: true, type: 'c', major: 10, access: 'r' }, { allow: false }], [denyAll]],
    ['for a single device alone', [{ allow: false, type: 'c', major: 10, access: 'r' }], [denyAll]],
  ] as const)('a rule %s means the same everywhere', (_title, devices, same) => {
    expect(limits(hybrid, { devices })).toEqual(limits(hybrid, { devices: same }));
    const filter = (rules: LinuxResources['devices']) =>
      planFor(unified, { resources: { devices: rules ?? [] } }).steps.find(({ action }) => action.op === 'cgroup.deviceFilter')?.action;
    expect(filter(devices)).toBeDefined();
    if (_title !== 'for a single device alone') expect(filter(devices)).toEqual(filter(same));
    expect(deviceProperties({ devices })).toEqual(deviceProperties({ devices: same }));
  });

  it('v1: only what no configuration asks for may be forbidden by the parent', () => {
    const tun = { allow: true, type: 'c', major: 10, minor: 200, access: 'r' };
    const { steps } = planFor(hybrid, { resources: { devices: [denyAll, tun] } });
    const tuns = steps.flatMap(({ action }) => (action.op === 'cgroup.write' && action.value.includes('10:200') ? [action] : []));
    expect(tuns.map(({ value, mayBeForbidden }) => [value, mayBeForbidden])).toEqual([
      ['c 10:200 r', undefined],
      ['c 10:200 wm', true],
    ]);
  });
});
