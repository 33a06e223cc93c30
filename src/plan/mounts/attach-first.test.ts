import { describe, expect, test } from 'vitest';
import { MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_RDONLY } from '../../kernel.gen.ts';
import type { Mount, Spec } from '../../spec/types.ts';
import { plan } from '../build.ts';
import { planOptions, smallSpec, unifiedHost } from '../testing.ts';

const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const inUserNamespace: Spec['linux'] = {
  namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'user' }],
  uidMappings: ids,
  gidMappings: ids,
};

function stepsOn(kernel: readonly [number, number], mounts: readonly Mount[], linux: Spec['linux'] = smallSpec.linux) {
  return plan({ ...smallSpec, linux, mounts } as Spec, planOptions, { ...unifiedHost, kernel }).steps;
}

/** Operations on the mount at /a, and what is done to its slot. */
function doneTo(destination: string, steps: ReturnType<typeof stepsOn>): string[] {
  const attach = steps.find(({ action }) => action.op === 'tree.attach' && action.destination === destination);
  const slot = attach?.action.op === 'tree.attach' ? attach.action.slot : 0;
  return steps.flatMap(({ stage, action }) => ('slot' in action && action.slot === slot ? [`${stage} ${action.op}`] : []));
}

const readonly: Mount = { destination: '/a', source: '/b', options: ['rbind', 'ro', 'rslave'] };

describe('before Linux 5.14', () => {
  test('a mount is attached before it is changed, and its slot closed by the last change', () => {
    const steps = stepsOn([5, 10], [readonly]);
    expect(doneTo('/a', steps)).toEqual(['init tree.clone', 'init tree.attach', 'init mount.remount', 'init mount.remount']);
    const keeps = steps.flatMap(({ action }) =>
      action.op === 'mount.remount' || (action.op === 'tree.attach' && action.destination === '/a') ? [action.keep] : [],
    );
    expect(keeps).toEqual([true, true, false]);
  });

  test('a mount without changes is attached as ever', () => {
    const steps = stepsOn([5, 10], [{ destination: '/a', source: '/b', options: ['bind'] }]);
    expect(doneTo('/a', steps)).toEqual(['init tree.clone', 'init tree.attach']);
    expect(steps.find(({ action }) => action.op === 'tree.attach')?.action).toMatchObject({ keep: false });
  });

  test('what would be done before the user namespace is done inside', () => {
    const steps = stepsOn([5, 10], [readonly], inUserNamespace);
    expect(doneTo('/a', steps)).toEqual(['intermediate tree.clone', 'init tree.attach', ...Array(3).fill('init mount.remount')]);
    expect(doneTo('/a', stepsOn([5, 14], [readonly], inUserNamespace))).toEqual([
      'intermediate tree.clone',
      ...Array(3).fill('intermediate tree.setattr'),
      'init tree.attach',
    ]);
    expect(steps.map(({ action }) => action.op)).not.toContain('tree.setattr');
  });

  test('a new filesystem follows no symlinks from when it is attached', () => {
    const steps = stepsOn([5, 10], [{ destination: '/a', type: 'proc', options: ['nosymfollow', 'ro'] }]);
    expect(doneTo('/a', steps)).toEqual(['init fs.mount', 'init tree.attach', 'init mount.remount']);
    expect(steps.find(({ action }) => action.op === 'fs.mount')?.action).toMatchObject({ attributes: MOUNT_ATTR_RDONLY });
    expect(steps.find(({ action }) => action.op === 'mount.remount')?.action).toMatchObject({ set: MOUNT_ATTR_NOSYMFOLLOW });
  });

  test('what has been attached already is changed at once', () => {
    const steps = plan(
      { ...smallSpec, linux: { namespaces: [{ type: 'pid' }] }, mounts: [{ destination: '/a', source: '/b', options: ['bind'] }] },
      planOptions,
      { ...unifiedHost, kernel: [5, 10] },
    ).steps;
    const root = steps.filter(({ pointer }) => pointer === '/root/path').map(({ action }) => action.op);
    expect(root).toEqual(['tree.clone', 'rootfs.attach', 'mount.remount', 'mount.remount']);
  });

  test('a recursive attribute is left to the step that knows what is mounted below', () => {
    const actions = stepsOn([5, 10], [{ destination: '/a', source: '/b', options: ['rbind', 'rro'] }]).map(({ action }) => action);
    expect(actions).toContainEqual(expect.objectContaining({ op: 'mount.remount', recursive: true, set: MOUNT_ATTR_RDONLY }));
  });

  test.each([
    [
      'id mappings',
      { destination: '/a', source: '/b', options: ['bind', 'idmap'], uidMappings: ids, gidMappings: ids },
      smallSpec.linux,
      '/mounts/0',
    ],
    [
      'id mappings in a user namespace',
      { destination: '/a', type: 'tmpfs', options: ['idmap'], uidMappings: ids, gidMappings: ids },
      inUserNamespace,
      '/mounts/0',
    ],
  ] as const)('%s is refused by name', (_what, mount, linux, pointer) => {
    expect(() => stepsOn([5, 10], [mount as unknown as Mount], linux)).toThrow(
      expect.objectContaining({
        code: 'KERNEL_TOO_OLD',
        pointer,
        message: expect.stringMatching(/needs Linux 5\.14 or later, and this is 5\.10$/),
      }),
    );
    expect(() => stepsOn([5, 14], [mount as unknown as Mount], linux)).not.toThrow();
  });
});

test.each([[[5, 9]], [[4, 18]]] as const)('nothing runs on Linux %j', (kernel) => {
  expect(() => stepsOn(kernel, [])).toThrow(
    expect.objectContaining({ code: 'KERNEL_TOO_OLD', message: `runts needs Linux 5.10 or later, and this is ${kernel.join('.')}` }),
  );
});

test('other kernels have the plan as it was made', () => {
  expect(stepsOn([5, 14], [readonly])).toEqual(stepsOn([6, 18], [readonly]));
});
