import { closeSync, ftruncateSync, mkdirSync, openSync, statSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';

describe('mounts', () => {
  clause('CFG-008 mounts are made in the listed order', async (box) => {
    const text = await box.output(['ls', '/data', '/data/b'], (config, bundle) => {
      bundle.put('../source/file', '');
      config.mounts.push(
        { destination: '/data', type: 'tmpfs', source: 'tmpfs' },
        { destination: '/data/b', source: join(bundle.directory, 'source'), options: ['bind'] },
      );
    });
    expect(text).toBe('/data:\nb\n\n/data/b:\nfile\n');
  });

  clause('CFG-008 a later mount hides an earlier one below it', async (box) => {
    const text = await box.output(['ls', '/data'], (config, bundle) => {
      bundle.put('../source/file', '');
      config.mounts.push(
        { destination: '/data/b', source: join(bundle.directory, 'source'), options: ['bind'] },
        { destination: '/data', type: 'tmpfs', source: 'tmpfs' },
      );
    });
    expect(text).toBe('');
  });

  clause('CFG-010 a relative destination counts from the root', async (box) => {
    const text = await box.output(['cat', '/proc/self/mountinfo'], (config) => {
      config.mounts.push({ destination: 'tmp/x', type: 'tmpfs', source: 'relative-mark' });
    });
    expect(text).toMatch(/ \/tmp\/x .*relative-mark/);
  });

  clause('CFG-011 symlinks of the rootfs resolve inside the rootfs', async (box) => {
    const target = join(box.directory, 'outside');
    mkdirSync(target);
    const text = await box.output(['cat', '/proc/self/mountinfo'], (config, bundle) => {
      symlinkSync(target, join(bundle.rootfs, 'absolute'));
      symlinkSync('../../../../../../../../etc', join(bundle.rootfs, 'up'));
      config.mounts.push(
        { destination: '/absolute/x', type: 'tmpfs', source: 'mark-one' },
        { destination: '/up/y', type: 'tmpfs', source: 'mark-two' },
      );
    });
    expect(text).toMatch(new RegExp(` ${target}/x .*mark-one`));
    expect(text).toMatch(/ \/etc\/y .*mark-two/);
    expect(statSync(target).nlink).toBe(2);
  });

  clause('CFG-011 a destination with .. stays inside', async (box) => {
    const text = await box.output(['cat', '/proc/self/mountinfo'], (config) => {
      config.mounts.push({ destination: '/../../../data/../data', type: 'tmpfs', source: 'mark' });
    });
    expect(text).toMatch(/ \/data .* mark /);
  });

  clause('CFG-012 a bind source may be relative to the bundle', async (box) => {
    const bundle = box.bundle((config, made) => {
      made.put('../source/file', 'text');
      config.mounts.push({ destination: '/data', source: 'source', options: ['bind'] });
      config.process.args = ['cat', '/data/file'];
    });
    expect((await box.run(bundle, { cwd: '/' })).ok().stdout).toBe('text');
  });

  clause('CFG-012 a missing bind source is an error that names it', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.mounts.push({ destination: '/data', source: '/no/such/source', options: ['bind'] });
      }),
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/\/no\/such\/source/);
    expect(result.stderr).toMatch(/no such file or directory/i);
    expect(box.leftovers()).toEqual([]);
  });

  for (const type of [undefined, 'bind', 'none', 'nonsense']) {
    clause(`CFG-013 the option bind makes a bind mount, with type ${type ?? 'absent'}`, async (box) => {
      const text = await box.output(['cat', '/data/file'], (config, bundle) => {
        bundle.put('../source/file', 'text');
        config.mounts.push({ destination: '/data', source: join(bundle.directory, 'source'), options: ['bind'], ...(type && { type }) });
      });
      expect(text).toBe('text');
    });
  }

  clause('ENG-022 a file is bound on a file; missing targets are made', async (box) => {
    const text = await box.output(['cat', '/etc/motd', '/new/dir/file'], (config, bundle) => {
      const source = bundle.put('../source', 'text\n');
      bundle.put('/etc/motd', 'hidden');
      config.mounts.push(
        { destination: '/etc/motd', source, options: ['bind'] },
        { destination: '/new/dir/file', source, options: ['bind'] },
      );
    });
    expect(text).toBe('text\ntext\n');
  });

  clause('ENG-022 the target of a dangling symlink is made inside the rootfs', async (box) => {
    const text = await box.output(['cat', '/link', '/made/later'], (config, bundle) => {
      const source = bundle.put('../source', 'text\n');
      symlinkSync('/made/later', join(bundle.rootfs, 'link'));
      config.mounts.push({ destination: '/link', source, options: ['bind'] });
    });
    expect(text).toBe('text\ntext\n');
  });

  clause('CFG-014 an unknown filesystem type is an error', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.mounts.push({ destination: '/data', type: 'nosuchfs', source: 'x' });
      }),
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/no such device|nosuchfs/i);
    expect(box.leftovers()).toEqual([]);
  });

  clause('CFG-016 other options go to the filesystem: size', async (box) => {
    const text = await box.output(['sh', '-c', 'df -k /data | tail -1'], (config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['size=128k'] });
    });
    expect(text).toMatch(/\s128\s/);
  });

  clause('CFG-016 other options go to the filesystem: mode', async (box) => {
    const text = await box.output(['stat', '-c', '%a', '/data'], (config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['mode=751'] });
    });
    expect(text).toBe('751\n');
  });

  clause('CFG-016 an option the filesystem refuses is an error', async (box) => {
    const result = await box.tryCreate(
      box.bundle((config) => {
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['nonsense=1'] });
      }),
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/invalid argument/i);
    expect(box.leftovers()).toEqual([]);
  });

  clause('MNT-058 tmpcopyup fills the tmpfs with what the directory held', async (box) => {
    const text = await box.output(
      ['sh', '-c', 'cat /data/file /data/deep/link; stat -c "%a %u" /data/file; mount | grep " /data "'],
      (config, bundle) => {
        bundle.put('/data/file', 'text\n', 0o640);
        bundle.put('/data/deep/other', 'other\n');
        symlinkSync('other', join(bundle.rootfs, 'data/deep/link'));
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
      },
    );
    expect(text).toMatch(/^text\nother\n640 0\ntmpfs on \/data /);
  });

  clause(
    'MNT-058 tmpcopyup keeps the holes of files',
    async (box) => {
      const text = await box.output(['stat', '-c', '%s %n', '/data/end', '/data/holes', '/data/middle'], (config, bundle) => {
        const size = 1024 ** 4;
        for (const [name, at] of [
          ['end', size - 1],
          ['middle', size / 2],
          ['holes', -1],
        ] as const) {
          bundle.put(`/data/${name}`, '');
          const file = openSync(join(bundle.rootfs, 'data', name), 'r+');
          ftruncateSync(file, size);
          if (at >= 0) writeSync(file, 'x', at);
          closeSync(file);
        }
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', 'size=1m'] });
      });
      expect(text).toBe('1099511627776 /data/end\n1099511627776 /data/holes\n1099511627776 /data/middle\n');
    },
    'runts',
  );

  clause('ENG-023 a tmpfs without mode takes the mode of the directory', async (box) => {
    const text = await box.output(['stat', '-c', '%a', '/data', '/fresh'], (config, bundle) => {
      bundle.put('/data/file', '');
      config.mounts.push(
        { destination: '/data', type: 'tmpfs', source: 'tmpfs' },
        { destination: '/fresh', type: 'tmpfs', source: 'tmpfs' },
      );
    });
    expect(text).toBe('755\n1777\n');
  });
});
