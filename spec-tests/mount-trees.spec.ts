import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, setNamespace } from './harness/config.ts';
import { lineAt, mountinfo, mountLines, outputWith, tree } from './harness/mount-table.ts';

describe('recursive options that clear', () => {
  for (const [id, option, flag] of [
    ['MNT-043', 'rrw', 'ro'],
    ['MNT-047', 'rsuid', 'nosuid'],
    ['MNT-027', 'rdev', 'nodev'],
    ['MNT-031', 'rexec', 'noexec'],
    ['MNT-028', 'rdiratime', 'nodiratime'],
    ['MNT-025', 'ratime', 'noatime'],
    ['MNT-041', 'rrelatime', 'noatime'],
    ['MNT-048', 'rsymfollow', 'nosymfollow'],
  ] as const) {
    clause(
      `${id} ${option} reaches the mounts below`,
      async (box) => {
        const source = tree(box, 'source');
        const mounts = [{ destination: '/data', source, options: ['rbind', option] }];
        const prepare = `mount -t tmpfs -o ${flag} mark ${source}/below`;
        expect(lineAt(mountLines(await outputWith(box, mounts, prepare)), '/data/below')?.options).not.toContain(flag);
      },
      'not crun',
      'not runc',
    );
  }

  for (const [id, option] of [
    ['MNT-035', 'rnorelatime'],
    ['MNT-036', 'rnostrictatime'],
  ] as const) {
    clause(
      `${id} ${option} reaches the mounts below`,
      async (box) => {
        const source = tree(box, 'source');
        const mounts = [{ destination: '/data', source, options: ['rbind', 'rstrictatime', option] }];
        const line = lineAt(mountLines(await outputWith(box, mounts, `mount -t tmpfs mark ${source}/below`)), '/data/below');
        expect(line?.options.includes('relatime')).toBe(option === 'rnostrictatime');
      },
      'runts',
    );
  }

  clause('MNT-042 rro leaves the source on the host writable', async (box) => {
    const source = tree(box, 'source');
    const mounts = [{ destination: '/data', source, options: ['rbind', 'rro'] }];
    const text = await outputWith(box, mounts, `mount -t tmpfs mark ${source}/below`, [
      'sh',
      '-c',
      'touch /data/x /data/below/x; echo $?; ls /data/below',
    ]);
    expect(text).toBe('1\n');
    writeFileSync(join(source, 'still'), '');
  });
});

describe('propagation of whole trees', () => {
  const shared = async (box: Box, body: (source: string) => Promise<void>): Promise<void> => {
    const source = tree(box, 'shared');
    (await box.host(['mount', '--bind', source, source])).ok();
    (await box.host(['mount', '--make-shared', source])).ok();
    try {
      await body(source);
    } finally {
      await box.host(['umount', '-R', source]);
    }
  };
  const privileged = (config: Config, ...args: string[]): void => {
    config.process.args = args;
    const sets = ['CAP_SYS_ADMIN'];
    config.process.capabilities = { bounding: sets, effective: sets, permitted: sets };
  };

  clause('MNT-044 LNX-177 what the container mounts below a shared bind reaches the host', async (box) => {
    await shared(box, async (source) => {
      await box.output([], (config) => {
        privileged(config, 'mount', '-t', 'tmpfs', 'from-inside', '/data/below');
        config.linux.rootfsPropagation = 'rshared';
        config.mounts.push({ destination: '/data', source, options: ['rbind', 'rshared'] });
      });
      expect(lineAt(mountLines(readFileSync('/proc/self/mountinfo', 'utf8')), join(source, 'below'))?.source).toBe('from-inside');
    });
  });

  clause(
    'RT-059 a mount of the configuration on a volume that is shared with the host goes with the container',
    async (box) => {
      await shared(box, async (source) => {
        const onHost = () => mountLines(readFileSync('/proc/self/mountinfo', 'utf8')).filter(({ point }) => point.startsWith(`${source}/`));
        mkdirSync(join(source, 'other'));
        const bundle = box.bundle((config) => {
          config.linux.rootfsPropagation = 'rshared';
          config.mounts.push(
            { destination: '/data', source, options: ['rbind', 'rshared'] },
            { destination: '/data/below', type: 'tmpfs', source: 'mark' },
            { destination: '/data/new/deep', type: 'tmpfs', source: 'mark' },
          );
        });
        const container = await box.started(bundle);
        // For as long as it runs they are the host's as well: that is what was asked for.
        expect(onHost().map(({ source }) => source)).toEqual(['mark', 'mark']);
        (await box.host(['mount', '-t', 'tmpfs', 'foreign', join(source, 'other')])).ok();
        (await container.delete('--force')).ok();
        expect(onHost().map(({ source }) => source)).toEqual(['foreign']);
        (await box.host(['umount', join(source, 'other')])).ok();
        bundle.config.hooks = { createRuntime: [{ path: '/bin/false' }] };
        expect((await box.tryCreate(bundle.write())).status).toBe(1);
        expect(onHost()).toEqual([]);
      });
    },
    'runts',
  );

  clause('MNT-053 LNX-178 what the container mounts below a slave bind stays inside', async (box) => {
    await shared(box, async (source) => {
      await box.output([], (config) => {
        privileged(config, 'mount', '-t', 'tmpfs', 'from-inside', '/data/below');
        config.linux.rootfsPropagation = 'slave';
        config.mounts.push({ destination: '/data', source, options: ['rbind', 'slave'] });
      });
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('from-inside');
    });
  });

  clause('LNX-178 rootfsPropagation slave keeps the root a slave of the host’s', async (box) => {
    await shared(box, async (source) => {
      const bundle = box.bundle((config) => {
        config.linux.rootfsPropagation = 'slave';
        config.process.args = mountinfo;
        config.root.path = join(source, 'rootfs');
      });
      (await box.host(['cp', '-a', join(bundle.directory, 'rootfs'), source])).ok();
      const root = lineAt(mountLines((await box.run(bundle)).ok().stdout), '/');
      expect(root?.tags.some((tag) => tag.startsWith('master:'))).toBe(true);
      expect(root?.tags.some((tag) => tag.startsWith('shared:'))).toBe(false);
    });
  });

  clause('LNX-177 rootfsPropagation shared is a peer group of its own, not the host’s', async (box) => {
    const groups = (text: string): string[] => mountLines(text).flatMap(({ tags }) => tags.filter((tag) => tag.startsWith('shared:')));
    await shared(box, async (source) => {
      const bundle = box.bundle((config) => {
        config.linux.rootfsPropagation = 'shared';
        config.process.args = mountinfo;
        config.root.path = join(source, 'rootfs');
      });
      (await box.host(['cp', '-a', join(bundle.directory, 'rootfs'), source])).ok();
      const root = lineAt(mountLines((await box.run(bundle)).ok().stdout), '/');
      const [own] = root?.tags.filter((tag) => tag.startsWith('shared:')) ?? [];
      expect(own).toBeDefined();
      expect(groups(readFileSync('/proc/self/mountinfo', 'utf8'))).not.toContain(own);
    });
  });
});

describe('mounts in a user namespace', () => {
  clause('LNX-010 proc, sysfs, devpts, mqueue, tmpfs and a read-only bind work with mapped ids', async (box) => {
    const source = tree(box, 'source');
    const text = await box.output(mountinfo, (config, bundle) => {
      chownSync(bundle.rootfs, 100_000, 100_000);
      for (const type of ['user', 'network', 'ipc', 'uts', 'cgroup']) setNamespace(config, type);
      config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.mounts.push(
        { destination: '/sys2', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
        { destination: '/data', source, options: ['rbind', 'ro', 'nosuid', 'nodev'] },
        { destination: '/cg', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
      );
    });
    const lines = mountLines(text);
    for (const point of ['/proc', '/sys2', '/data', '/cg']) expect(lineAt(lines, point), point).toBeDefined();
    expect(lineAt(lines, '/data')?.options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev']));
  });

  clause('MNT-039 flags that the host has locked stay, also when the container does not ask for them', async (box) => {
    const source = tree(box, 'source');
    const bundle = box.bundle((config, made) => {
      chownSync(made.rootfs, 100_000, 100_000);
      setNamespace(config, 'user');
      config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.mounts.push({ destination: '/data', source: join(source, 'below'), options: ['bind', 'ro'] });
      config.process.args = mountinfo;
    });
    const script = `mount -t tmpfs -o nosuid,nodev,noexec mark ${source}/below && exec "$@"`;
    const result = await box.run(bundle, { through: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'] });
    expect(lineAt(mountLines(result.ok().stdout), '/data')?.options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec']));
  });
});
