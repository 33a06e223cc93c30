import { readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, dropNamespace, set, withUserNamespace } from './harness/config.ts';
import { mountsBelow } from './harness/leftovers.ts';

// runc and crun leave the mounts on the host when the container is gone.
const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'not runc', 'not crun');

const inheriting = (change: (config: Config, bundle: Bundle) => void = () => {}) => {
  return (config: Config, bundle: Bundle): void => {
    dropNamespace(config, 'mount');
    change(config, bundle);
  };
};

/** A directory that shares what is mounted below it with another one. */
async function sharedPair(box: Box): Promise<{ directory: string; peer: string }> {
  const [directory, peer] = [join(box.directory, 'shared'), join(box.directory, 'peer')];
  const script = 'mkdir "$1" "$2" && mount -t tmpfs shared "$1" && mount --make-shared "$1" && mount --bind "$1" "$2"';
  (await box.host(['sh', '-c', script, 'sh', directory, peer])).ok();
  return { directory, peer };
}

async function release(box: Box, { directory, peer }: { directory: string; peer: string }): Promise<void> {
  (await box.host(['umount', peer, directory])).ok();
}

describe('mounts without a mount namespace', () => {
  clause('LNX-018 the container inherits every namespace of the runtime, and has its mounts', async (box) => {
    const container = await box.started(
      box.bundle((config) => {
        config.linux.namespaces = [];
        delete config.hostname;
      }),
    );
    for (const name of ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup']) {
      expect(container.namespace(name), name).toBe(readlinkSync(`/proc/self/ns/${name}`));
    }
    const root = `/proc/${container.pid}/root`;
    expect(readlinkSync(root)).toBe(container.bundle.rootfs);
    expect(await container.output('stat', '-f', '-c', '%T', '/proc', '/dev', '/sys')).toBe('proc\ntmpfs\nsysfs');
    expect(await container.output('stat', '-c', '%t:%T', '/dev/null')).toBe('1:3');
    (await container.kill('KILL')).ok();
    await container.reaches('stopped');
    (await container.delete()).ok();
    expect(box.leftovers()).toEqual([]);
  });

  clause('RT-059 delete --force and run leave no mount on the host', async (box) => {
    const running = await box.started(box.bundle(inheriting()));
    expect(mountsBelow(running.bundle.rootfs).length).toBeGreaterThan(3);
    (await running.delete('--force')).ok();
    (await box.run(box.bundle(inheriting((config) => set(config, '/process/args', ['true']))))).ok();
    expect(mountsBelow(box.directory)).toEqual([]);
  });

  for (const [what, pointer, value] of [
    ['a filesystem that the kernel does not know', '/mounts/6', { destination: '/x', type: 'no-such-type', source: 'x' }],
    ['a hook that fails', '/hooks', { createRuntime: [{ path: '/bin/false' }] }],
    ['a program that is not there', '/process/args', ['no-such-program']],
  ] as const) {
    clause(`RT-033 ${what}: a create that fails leaves no mount on the host`, async (box) => {
      expect((await box.tryCreate(box.bundle(inheriting((config) => set(config, pointer, value))))).status).toBe(1);
      expect(mountsBelow(box.directory)).toEqual([]);
    });
  }

  clause('RT-033 a create that is killed half-way: delete --force detaches the mounts', async (box) => {
    const bundle = box.bundle(
      inheriting((config) => {
        config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'kill -9 $PPID'] }] };
      }),
    );
    expect((await box.tryCreate(bundle)).status).not.toBe(0);
    (await box.runtime(['delete', '--force', bundle.id])).ok();
    await until('nothing left', () => box.leftovers().length === 0);
    expect(mountsBelow(box.directory)).toEqual([]);
  });

  clause('CFG-008 a mount over the root of the container is detached as well', async (box) => {
    const bundle = box.bundle(
      inheriting((config) => {
        config.mounts = [{ destination: '/', type: 'none', source: 'other', options: ['rbind'] }, ...config.mounts];
        config.process.args = ['cat', '/which'];
      }),
    );
    const other = join(bundle.directory, 'other');
    (await box.host(['cp', '-a', bundle.rootfs, other])).ok();
    writeFileSync(join(other, 'which'), 'other');
    expect((await box.run(bundle)).ok().stdout).toBe('other');
    expect(mountsBelow(box.directory)).toEqual([]);
  });

  clause('LNX-018 nothing below the root filesystem reaches a mount that shares its events', async (box) => {
    const pair = await sharedPair(box);
    try {
      const bundle = box.bundle(inheriting());
      const rootfs = join(pair.directory, 'rootfs');
      (await box.host(['cp', '-a', bundle.rootfs, rootfs])).ok();
      bundle.config.root.path = rootfs;
      const container = await box.started(bundle.write());
      expect(mountsBelow(join(rootfs, 'proc')).length).toBe(1);
      for (const name of ['proc', 'dev', 'sys']) expect(mountsBelow(join(pair.peer, 'rootfs', name)), name).toEqual([]);
      (await container.delete('--force')).ok();
      expect(mountsBelow(rootfs)).toEqual([]);
      expect(mountsBelow(join(pair.peer, 'rootfs'))).toEqual([]);
    } finally {
      await release(box, pair);
    }
  });

  clause('LNX-018 a mount inside of a bound directory does not reach its source', async (box) => {
    const pair = await sharedPair(box);
    try {
      const container = await box.started(
        box.bundle(
          inheriting((config) => {
            config.mounts.push({ destination: '/data', type: 'none', source: pair.directory, options: ['rbind'] });
            config.mounts.push({ destination: '/data/below', type: 'tmpfs', source: 'tmpfs' });
          }),
        ),
      );
      expect(await container.output('stat', '-f', '-c', '%T', '/data/below')).toBe('tmpfs');
      expect(mountsBelow(join(pair.directory, 'below'))).toEqual([]);
      (await container.delete('--force')).ok();
      expect(statSync(join(pair.directory, 'below')).isDirectory()).toBe(true);
    } finally {
      await release(box, pair);
    }
  });

  clause('RT-060 what somebody else has mounted there by now stays', async (box) => {
    const container = await box.started(box.bundle(inheriting()));
    const { rootfs } = container.bundle;
    (await box.host(['sh', '-c', 'umount -l "$0" && mount -t tmpfs foreign "$0"', rootfs])).ok();
    try {
      (await container.delete('--force')).ok();
      expect(mountsBelow(rootfs).length).toBe(1);
    } finally {
      (await box.host(['umount', rootfs])).ok();
    }
  });

  anyRuntime('CFG-007 RT-018 a read-only root without a mount namespace is refused', async (box) => {
    const bundle = box.bundle(
      inheriting((config) => {
        set(config, '/root/readonly', true);
        config.process.args = ['true'];
        for (const list of ['maskedPaths', 'readonlyPaths']) set(config, `/linux/${list}`, []);
      }),
    );
    // What other runtimes mount goes with a namespace of the caller's.
    const options = { through: ['unshare', '--mount', '--propagation', 'private'] };
    expect((await box.runtime(['run', '--bundle', bundle.directory, bundle.id], options)).status).toBe(1);
  });

  clause('RT-045 RT-018 a user namespace, protected paths and a read-only root need a mount namespace', async (box) => {
    const changes: ((config: Config) => void)[] = [
      withUserNamespace,
      (config) => set(config, '/linux/maskedPaths', ['/proc/kcore']),
      (config) => set(config, '/linux/readonlyPaths', ['/proc/sys']),
      (config) => set(config, '/root/readonly', true),
    ];
    for (const change of changes) {
      expect((await box.tryCreate(box.bundle(inheriting(change)))).status).toBe(1);
      expect(mountsBelow(box.directory)).toEqual([]);
    }
  });
});
