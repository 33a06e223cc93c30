import { describe, expect, test } from 'vitest';
import type { Process, Spec } from '../../spec/types.ts';
import { unifiedHost } from '../testing.ts';
import { mountContext, processLabel, type SavedLabels } from './labels.ts';

const facts = { ...unifiedHost, apparmor: true, selinux: true };
const program: Process = { args: ['sh'], cwd: '/', user: { uid: 0, gid: 0 } };
const confined: Process = { ...program, apparmorProfile: 'web' };
const labelled: Process = { ...program, selinuxLabel: 'a:b:c:s0' };
const none: SavedLabels = { all: [] };
const unconfined: SavedLabels = { all: ['apparmor:other'] };
function saved(name: string, module: 'apparmor' | 'selinux' = 'apparmor'): SavedLabels {
  const init = `${module}:${name}`;
  return { init, all: [init] };
}

describe('the label of restored processes', () => {
  test.each<[string, Process | undefined, string | undefined, SavedLabels, string | undefined]>([
    ['of no process', undefined, undefined, none, undefined],
    ['of what had none', program, undefined, none, undefined],
    ['of what had one that the configuration does not name', program, undefined, saved('web'), undefined],
    ['as it was', confined, undefined, saved('web'), undefined],
    ['as the configuration says now', confined, undefined, saved('old'), 'apparmor:web'],
    ['as --lsm-profile says', confined, 'apparmor:mine', saved('web'), 'apparmor:mine'],
    ['of SELinux, as it was', labelled, undefined, saved('a:b:c:s0', 'selinux'), undefined],
    ['of SELinux, as the configuration says now', labelled, undefined, saved('a:b:c:s0:c1,c2', 'selinux'), 'selinux:a:b:c:s0'],
    ['none, where the caller says so', confined, 'none:', none, 'none:'],
  ])('%s', (_, process, requested, labels, expected) => {
    expect(processLabel(process, facts, requested, labels)).toBe(expected);
  });

  test.each<[string, Process, string | undefined, SavedLabels, string]>([
    ['a profile that nobody saved', confined, undefined, none, '/process/apparmorProfile'],
    ['a profile of which the first process had none', confined, undefined, unconfined, '/process/apparmorProfile'],
    ['a label that nobody saved', labelled, undefined, none, '/process/selinuxLabel'],
    ['a label in place of a profile', labelled, undefined, saved('web'), '/process/selinuxLabel'],
  ])('%s cannot be set', (_, process, requested, labels, pointer) => {
    const set = () => processLabel(process, facts, requested, labels);
    expect(set).toThrow(expect.objectContaining({ code: 'CHECKPOINT_UNSUPPORTED', pointer }));
  });

  test('nor can that of --lsm-profile be, whose error points nowhere', () => {
    const set = () => processLabel(program, facts, 'apparmor:mine', unconfined);
    expect(set).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_UNSUPPORTED', pointer: undefined, message: expect.stringContaining('"mine"') }),
    );
  });

  test('one that nothing on this host would enforce is refused as for create', () => {
    const set = (process: Process, requested?: string) => () => processLabel(process, unifiedHost, requested, none);
    expect(set(confined)).toThrow(expect.objectContaining({ code: 'APPARMOR_MISSING', pointer: '/process/apparmorProfile' }));
    expect(set(program, 'apparmor:mine')).toThrow(expect.objectContaining({ code: 'APPARMOR_MISSING', pointer: undefined }));
    expect(set(program, 'selinux:a:b:c:s0')).toThrow(expect.objectContaining({ code: 'SELINUX_MISSING' }));
  });
});

describe('the label of restored filesystems', () => {
  const bare: Spec = { ociVersion: '1.2.0', root: { path: 'rootfs' } };
  const spec: Spec = { ...bare, mounts: [{ destination: '/tmp', type: 'tmpfs' }], linux: { mountLabel: 'a:b:c:s0' } };

  test('is that of the configuration', () => {
    expect(mountContext(spec)).toEqual({ spec, lsmMountContext: 'a:b:c:s0' });
    expect(mountContext(bare)).toEqual({ spec: bare });
  });

  test('is kept where a mount names one of its own', () => {
    const own = { ...spec, mounts: [{ destination: '/tmp', type: 'tmpfs', options: ['context=x:y:z:s0'] }] };
    expect(mountContext(own)).toEqual({ spec: own });
  });

  test('is that of --lsm-mount-context, also of what is made before CRIU', () => {
    const changed = { ...spec, linux: { mountLabel: 'd:e:f:s0' } };
    expect(mountContext(spec, 'd:e:f:s0')).toEqual({ spec: changed, lsmMountContext: 'd:e:f:s0' });
    expect(mountContext(bare, 'd:e:f:s0').spec).toEqual(bare);
  });
});
