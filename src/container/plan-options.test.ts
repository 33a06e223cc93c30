import { afterEach, expect, test, vi } from 'vitest';
import { unifiedHost } from '../plan/testing.ts';
import type { Context } from './context.ts';
import { planOptions } from './plan-options.ts';
import { managerCgroup } from './systemd/scope.ts';

vi.mock('./systemd/scope.ts', () => ({ managerCgroup: vi.fn() }));

const ask = (cgroupDriver: Context['cgroupDriver']) => {
  const context: Context = { root: '/run/runts', rootIsDefault: true, cgroupDriver, warn: () => undefined, debug: () => undefined };
  return planOptions(context, { id: 'box', bundle: '/b' }, unifiedHost);
};

afterEach(() => void vi.mocked(managerCgroup).mockReset());

test('no flag given', () => {
  const plain = { id: 'box', bundle: '/b', noPivot: false, noNewKeyring: false, preserveFds: 0, systemdCgroup: false, noCgroup: false };
  expect(ask('cgroupfs')).toEqual(plain);
});

test('the cgroup driver decides, also where there is to be no cgroup', () => {
  expect(ask('disabled')).toMatchObject({ noCgroup: true, systemdCgroup: false });
  expect(ask('systemd')).toMatchObject({ noCgroup: false, systemdCgroup: true });
});

test("a manager of the user's own puts its containers below its cgroup", () => {
  vi.mocked(managerCgroup).mockReturnValue('/user.slice/user-1000.slice/user@1000.service');
  expect(ask('systemd').managerCgroup).toBe('/user.slice/user-1000.slice/user@1000.service');
});
