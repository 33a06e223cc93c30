import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { addCapabilities, type Config } from './harness/config.ts';

describe('masked paths', () => {
  clause('LNX-181 masks a file with the null device', async (box) => {
    const text = await box.output(
      ['sh', '-c', 'cat /etc/secret; stat -c "%F %t:%T" /etc/secret; echo x > /etc/secret; cat /etc/secret'],
      (config, bundle) => {
        bundle.put('/etc/secret', 'text\n');
        config.linux.maskedPaths = ['/etc/secret'];
      },
    );
    expect(text).toBe('character special file 1:3\n');
  });

  clause('LNX-181 masks a directory with an empty read-only one', async (box) => {
    const text = await box.output(['sh', '-c', 'ls /data; touch /data/x 2>&1 || true'], (config, bundle) => {
      bundle.put('/data/file', 'text\n');
      config.linux.maskedPaths = ['/data'];
    });
    expect(text).toMatch(/^touch: .*Read-only file system/);
  });

  clause('LNX-181 masks several directories and files, also the same one twice and one inside another', async (box) => {
    const text = await box.output(['sh', '-c', 'ls /a /b; cat /c/file'], (config, bundle) => {
      for (const path of ['/a/file', '/a/deep/file', '/b/file', '/c/file']) bundle.put(path, 'text\n');
      config.linux.maskedPaths = ['/a/deep', '/a', '/b', '/b', '/c/file'];
    });
    expect(text).toBe('/a:\n\n/b:\n');
  });

  clause('ENG-021 a masked path that does not exist is skipped', async (box) => {
    await box.output(['true'], (config) => {
      config.linux.maskedPaths = ['/proc/no-such-file', '/no/such/path'];
    });
  });

  clause('LNX-181 the paths engines mask in proc and sys', async (box) => {
    const text = await box.output(
      ['sh', '-c', 'cat /proc/keys /proc/timer_list 2>/dev/null; ls /sys/firmware /proc/scsi 2>/dev/null; true'],
      (config) => {
        config.linux.maskedPaths = [
          '/proc/asound',
          '/proc/acpi',
          '/proc/kcore',
          '/proc/keys',
          '/proc/latency_stats',
          '/proc/timer_list',
          '/proc/scsi',
          '/sys/firmware',
        ];
      },
    );
    expect(text.replaceAll(/^\/.*:$/gm, '').trim()).toBe('');
  });

  clause('CFG-011 a masked symlink does not mask anything of the host', async (box) => {
    const outside = join(box.directory, 'outside');
    mkdirSync(outside);
    const bundle = box.bundle((config, made) => {
      symlinkSync(outside, join(made.rootfs, 'out'));
      config.linux.maskedPaths = ['/out'];
      config.process.args = ['true'];
    });
    await box.run(bundle);
    (await box.host(['touch', join(outside, 'still-writable')])).ok();
  });
});

describe('read-only paths', () => {
  clause('LNX-182 a directory and a file are read-only, with what lies below', async (box) => {
    const text = await box.output(
      ['sh', '-c', 'touch /data/deep/x 2>&1; echo y 2>&1 >> /etc/file; cat /etc/file; true'],
      (config, bundle) => {
        bundle.put('/data/deep/file', '');
        bundle.put('/etc/file', 'text\n');
        config.linux.readonlyPaths = ['/data', '/etc/file'];
      },
    );
    expect(text).toMatch(/Read-only file system/);
    expect(text).toMatch(/^text$/m);
  });

  clause('LNX-182 the paths engines make read-only in proc', async (box) => {
    const text = await box.output(['cat', '/proc/self/mountinfo'], (config) => {
      config.linux.readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
    });
    expect(text).toMatch(/ \/proc\/sys ro/);
    expect(text).toMatch(/ \/proc\/irq ro/);
  });

  clause('LNX-182 flags of the mount are kept', async (box) => {
    const text = await box.output(['cat', '/proc/self/mountinfo'], (config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec'] });
      config.linux.readonlyPaths = ['/data'];
    });
    expect(text.match(/ \/data ro\S*/g)?.at(-1)).toMatch(/nosuid,nodev,noexec/);
  });

  clause('ENG-021 a read-only path that does not exist is skipped', async (box) => {
    await box.output(['true'], (config) => {
      config.linux.readonlyPaths = ['/no/such/path'];
    });
  });

  clause('LNX-182 the root itself, and no mount below it', async (box) => {
    const script = 'echo x 2>/dev/null >/data/x && echo written; echo x >/dev/shm/x && echo x >/data/a/x && echo below';
    const text = await box.output(['sh', '-c', script], (config) => {
      config.linux.readonlyPaths = ['/'];
      config.mounts.push({ destination: '/data/a', type: 'tmpfs', source: 'tmpfs' });
    });
    expect(text).toBe('below\n');
  });

  clause('LNX-182 the container cannot undo it', async (box) => {
    const text = await box.output(['sh', '-c', 'mount -o remount,rw,bind /etc 2>/dev/null; touch /etc/x 2>&1; true'], (config) => {
      config.linux.readonlyPaths = ['/etc'];
    });
    expect(text).toMatch(/Read-only file system/);
  });
});

describe('paths below a mount that a later one covers by way of a symlink', () => {
  /** A tmpfs on /data, and over it, by the name of a symlink to it, a volume. */
  const coverByLink = (config: Config, bundle: Bundle): void => {
    symlinkSync('data', join(bundle.rootfs, 'link'));
    const volume = join(bundle.directory, 'volume');
    mkdirSync(join(volume, 'deep'), { recursive: true });
    writeFileSync(join(volume, 'secret'), 'text\n');
    config.mounts.push(
      { destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] },
      { destination: '/link', source: volume, options: ['bind'] },
    );
  };

  const written = 'for path in /data /data/deep; do echo x 2>/dev/null >$path/x && echo "$path is writable"; done; true';
  for (const [path, text] of [
    ['/data', '/data/deep is writable\n'],
    ['/data/deep', '/data is writable\n'],
  ] as const) {
    clause(`LNX-182 ${path} is read-only where it is seen`, async (box) => {
      const seen = await box.output(['sh', '-c', written], (config, bundle) => {
        coverByLink(config, bundle);
        if (path === '/data') config.mounts.push({ destination: '/data/deep', type: 'tmpfs', source: 'tmpfs' });
        config.linux.readonlyPaths = [path];
      });
      expect(seen).toBe(text);
    });
  }

  clause('LNX-181 a file and a directory are masked where they are seen', async (box) => {
    const seen = await box.output(['sh', '-c', 'cat /data/secret; touch /data/deep/x 2>&1; ls /data; true'], (config, bundle) => {
      coverByLink(config, bundle);
      config.linux.maskedPaths = ['/data/secret', '/data/deep', '/data/none'];
    });
    expect(seen).toMatch(/^touch: .*Read-only file system\ndeep\nsecret\n$/);
  });

  clause('MNT-030 a remount changes what is seen', async (box) => {
    const seen = await box.output(['sh', '-c', written], (config, bundle) => {
      coverByLink(config, bundle);
      config.mounts.push({ destination: '/data', options: ['remount', 'bind', 'ro'] });
    });
    expect(seen).toBe('');
  });

  clause('LNX-181 what is covered whole is masked where it is seen', async (box) => {
    const seen = await box.output(['sh', '-c', 'ls /data /link'], (config, bundle) => {
      coverByLink(config, bundle);
      config.linux.maskedPaths = ['/data'];
    });
    expect(seen).toBe('/data:\n\n/link:\n');
  });
});

describe('root', () => {
  clause('CFG-007 a read-only root; mounts keep their own flags', async (box) => {
    const text = await box.output(['sh', '-c', 'touch /x 2>&1; touch /data/y && echo written'], (config) => {
      config.root.readonly = true;
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs' });
    });
    expect(text).toMatch(/Read-only file system/);
    expect(text).toMatch(/^written$/m);
  });

  clause('CFG-007 the root is writable by default', async (box) => {
    expect(await box.output(['sh', '-c', 'touch /x && echo written'])).toBe('written\n');
  });

  clause('CFG-007 mount points that are missing in a read-only root are made', async (box) => {
    await box.output(['test', '-d', '/fresh/dir'], (config) => {
      config.root.readonly = true;
      config.mounts.push({ destination: '/fresh/dir', type: 'tmpfs', source: 'tmpfs' });
    });
  });

  clause('SEC-001 the host’s root is out of reach', async (box) => {
    const text = await box.output(
      ['sh', '-c', 'ls / /.. /proc/1/root/..; grep -c " / / " /proc/self/mountinfo; cat /proc/self/mountinfo'],
      (config) => {
        addCapabilities(config, 'CAP_SYS_CHROOT');
      },
    );
    expect(text).not.toMatch(/^(usr|var|boot|home)$/m);
    expect(text).not.toMatch(/ - ext4 \S+ .*\n.* \/oldroot/);
  });
});
