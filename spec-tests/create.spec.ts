import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';

describe('create: arguments and bundle', () => {
  clause('RT-038 create without an id is an error', async (box) => {
    const bundle = box.bundle();
    expect((await box.runtime(['create', '--bundle', bundle.directory])).status).not.toBe(0);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-018 ENG-030 with --no-pivot the root filesystem is the root as well, also for exec', async (box) => {
    const bundle = box.bundle((_, made) => made.put('/mark', 'inside'));
    const container = await box.create(bundle, { options: ['--no-pivot'] });
    await container.start();
    expect(await container.output('cat', '/mark')).toBe('inside');
    expect(await container.output('sh', '-c', 'cd ..; cat ../../mark')).toBe('inside');
    expect(await container.output('readlink', '/proc/1/root')).toBe('/');
  });

  // A runtime in a chroot: the root of its mount namespace is still the host's.
  for (const [title, change] of [
    ['to a mount', 'mount --rbind / "$0"; exec chroot "$0" "$@"'],
    [
      'to a directory',
      'mount -t tmpfs none "$0"; mkdir "$0/root"; cd /; for each in *; do [ -d "$each" ] && [ ! -L "$each" ] && mkdir "$0/root/$each" && mount --rbind "$each" "$0/root/$each" || cp -d "$each" "$0/root/"; done; exec chroot "$0/root" "$@"',
    ],
  ] as const) {
    for (const options of [[], ['--no-pivot']]) {
      clause(
        `ENG-030 in a chroot ${title} the container${options.length > 0 ? ', with --no-pivot,' : ''} has its own root for exec as well`,
        async (box) => {
          const chroot = join(box.directory, 'chroot');
          mkdirSync(chroot);
          const bundle = box.bundle((_, made) => made.put('/mark', 'inside'));
          const through = ['unshare', '--mount', 'sh', '-ec', change, chroot];
          const container = await box.create(bundle, { through, options });
          await container.start();
          expect(await container.output('cat', '/mark')).toBe('inside');
          expect(readFileSync(container.inside('/mark'), 'utf8')).toBe('inside');
          // Whoever joins the namespace without the runtime comes to the same place.
          expect((await box.host(['nsenter', '--mount', '--target', String(container.pid), '/bin/cat', '/mark'])).stdout).toBe('inside');
        },
        'runts',
      );
    }
  }

  clause('RT-039 a second create with the same id is an error and leaves the first alone', async (box) => {
    const container = await box.create(box.bundle());
    const again = await box.tryCreate(container.bundle);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/already exists/);
    expect(await container.state()).toMatchObject({ status: 'created', pid: container.pid });
    await container.start();
  });

  for (const id of ['', '.', '..', '../x', 'a/b', 'a b', 'a:b', 'a\nb', 'ä', 'a*']) {
    clause(`RT-040 the id ${JSON.stringify(id)} is refused`, async (box) => {
      const bundle = box.bundle();
      const result = await box.runtime(['create', '--bundle', bundle.directory, id]);
      expect(result.status).not.toBe(0);
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause('RT-040 an id longer than a file name is refused', async (box) => {
    const result = await box.runtime(['create', '--bundle', box.bundle().directory, 'x'.repeat(300)]);
    expect(result.status).not.toBe(0);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CLI-013 an id may hold letters, digits and _ + - .', async (box) => {
    const bundle = box.bundle();
    const id = box.adopt(`${bundle.id}_A+z-0.9`);
    (await box.runtime(['create', '--bundle', bundle.directory, id])).ok();
    expect((await box.runtime(['state', id])).ok().json()).toMatchObject({ id, status: 'created' });
  });

  clause('CLI-014 DRAFT-006 the bundle is relative to the caller’s directory, which it is by default', async (box) => {
    const bundle = box.bundle();
    (await box.runtime(['create', '--bundle', basename(bundle.directory), bundle.id], { cwd: box.directory })).ok();
    expect((await box.runtime(['state', bundle.id])).json()).toMatchObject({ bundle: bundle.directory });
    const other = box.bundle();
    (await box.runtime(['create', other.id], { cwd: other.directory })).ok();
    expect((await box.runtime(['state', other.id])).json()).toMatchObject({ bundle: other.directory });
  });

  clause('CLI-001 options take = and one dash as well', async (box) => {
    const bundle = box.bundle();
    (await box.runtime(['create', `-bundle=${bundle.directory}`, '--pid-file=pid', bundle.id])).ok();
    expect(existsSync(join(box.directory, 'pid'))).toBe(true);
  });

  clause('CFG-004 root.path is relative to the bundle, or absolute', async (box) => {
    for (const absolute of [false, true]) {
      const bundle = box.bundle((config, made) => {
        config.process.args = ['true'];
        if (absolute) config.root.path = made.rootfs;
      });
      (await box.run(bundle, { cwd: '/' })).ok();
    }
  });

  clause('CFG-006 a rootfs may have another name', async (box) => {
    const bundle = box.bundle((config, made) => {
      config.process.args = ['true'];
      renameSync(made.rootfs, join(made.directory, 'x'));
      config.root.path = 'x';
    });
    (await box.run(bundle)).ok();
  });

  clause('CFG-095 unknown properties are ignored at every level', async (box) => {
    await box.output(['true'], (config) => {
      for (const at of ['', '/root', '/process', '/process/user', '/linux', '/mounts/0', '/linux/namespaces/0'])
        set(config, `${at}/orgExampleUnknown`, { a: [1] });
    });
  });

  clause('CFG-073 objects of other platforms are ignored', async (box) => {
    await box.output(['true'], (config) => {
      for (const platform of ['windows', 'solaris', 'zos']) set(config, `/${platform}`, {});
    });
  });

  clause('CFG-002 versions of the same major are accepted', async (box) => {
    for (const version of ['1.0.0', '1.0.2-dev', '1.2.1', '1.3.0+x']) {
      await box.output(['true'], (config) => {
        config.ociVersion = version;
      });
    }
  });
});

describe('create: pid file', () => {
  clause('CLI-017 DRAFT-008 the pid file holds the pid of init without a newline', async (box) => {
    const container = await box.create(box.bundle());
    expect(readFileSync(join(container.bundle.directory, 'pid'), 'utf8')).toBe(String((await container.state()).pid));
  });

  clause('CLI-017 the pid file replaces an older one instead of rewriting it', async (box) => {
    const bundle = box.bundle();
    const file = join(bundle.directory, 'pid');
    writeFileSync(file, 'old');
    const { ino } = statSync(file);
    await box.create(bundle);
    expect(statSync(file).ino).not.toBe(ino);
  });

  clause('CLI-017 a device stays what it is, for a container and for exec', async (box) => {
    const bundle = box.bundle();
    const file = join(box.directory, 'null');
    const link = join(box.directory, 'link');
    execFileSync('mknod', [file, 'c', '1', '3']);
    symlinkSync(file, link);
    (await box.runtime(['create', '--bundle', bundle.directory, '--pid-file', file, bundle.id])).ok();
    (await box.runtime(['start', bundle.id])).ok();
    (await box.runtime(['exec', '--pid-file', link, bundle.id, 'true'])).ok();
    expect(statSync(file).isCharacterDevice()).toBe(true);
    expect(readlinkSync(link)).toBe(file);
  });

  clause('ENG-031 a relative pid file lies in the caller’s directory', async (box) => {
    const bundle = box.bundle();
    (await box.runtime(['create', '--bundle', bundle.directory, '--pid-file', 'here.pid', bundle.id], { cwd: box.directory })).ok();
    expect(existsSync(join(box.directory, 'here.pid'))).toBe(true);
  });

  clause('CLI-052 a failed create leaves no pid file', async (box) => {
    const bundle = box.bundle((config) => {
      config.process.args = ['/no/such/program'];
      config.mounts.push({ destination: '/data', type: 'nosuchfs', source: 'x' });
    });
    expect((await box.tryCreate(bundle, { options: ['--pid-file', 'here.pid'] })).status).toBe(1);
    expect(existsSync(join(box.directory, 'here.pid'))).toBe(false);
  });
});
