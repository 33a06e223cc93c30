import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { setNamespace } from './harness/config.ts';
import { cgroupMode } from './harness/suite.ts';

describe('filesystems', () => {
  clause('LNX-001 proc shows the processes of the container', async (box) => {
    const text = await box.output(['sh', '-c', 'ls -d /proc/[0-9]*']);
    expect(text.split('\n')[0]).toBe('/proc/1');
    expect(text.trim().split('\n').length).toBeLessThan(4);
  });

  clause('LNX-002 sysfs shows the network devices of the container', async (box) => {
    expect(await box.output(['ls', '/sys/class/net'])).toMatch(/^(lo|\w+0)$/m);
  });

  clause('LNX-003 devpts is the container’s own', async (box) => {
    const text = await box.output(['sh', '-c', 'ls /dev/pts; grep " /dev/pts " /proc/self/mountinfo']);
    expect(text).toMatch(/^ptmx\n/);
    expect(text).toMatch(/devpts .*gid=5,mode=620,ptmxmode=666/);
  });

  for (const [type, options] of Object.entries({
    tmpfs: 'size=64k,nr_inodes=100,mode=751,uid=5,gid=6',
    devpts: 'newinstance,ptmxmode=0622,mode=610,gid=7,max=9',
    ramfs: 'mode=711',
  })) {
    clause(`CFG-018 options of ${type} do what they do with mount(8)`, async (box) => {
      const shown = "sed -n 's/.* \\/data .* - //p' /proc/self/mountinfo; stat -c '%a %u %g' /data";
      const text = await box.output(['sh', '-c', shown], (config) => {
        config.mounts.push({ destination: '/data', type, source: 'spec', options: options.split(',') });
      });
      const directory = join(box.directory, 'data');
      mkdirSync(directory);
      const script = `mount -t ${type} -o ${options} spec "$0" && sed -n "s#.* $0 .* - ##p" /proc/self/mountinfo && stat -c "%a %u %g" "$0"`;
      expect(text).toBe((await box.host(['unshare', '--mount', 'sh', '-c', script, directory])).ok().stdout);
    });
  }

  clause('LNX-004 shm and mqueue are there', async (box) => {
    const text = await box.output(['sh', '-c', 'stat -c %a /dev/shm; grep -c " /dev/mqueue .* mqueue " /proc/self/mountinfo']);
    expect(text).toBe('1777\n1\n');
  });

  clause('ENG-024 a cgroup mount shows the container’s cgroup, read-only when asked', async (box) => {
    const group = cgroupMode === 'v1' ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup';
    const text = await box.output(['sh', '-c', `cat /proc/self/mountinfo; mkdir ${group}/x 2>&1; true`], (config) => {
      setNamespace(config, 'cgroup');
      config.mounts.push({
        destination: '/sys/fs/cgroup',
        type: 'cgroup',
        source: 'cgroup',
        options: ['nosuid', 'noexec', 'nodev', 'ro'],
      });
    });
    expect(text).toMatch(/\/sys\/fs\/cgroup\S* ro,.* - cgroup2? /);
    expect(text).toMatch(/Read-only file system/);
  });

  clause(
    'ENG-024 on cgroup v1 every controller is a directory of the cgroup mount',
    async (box) => {
      const text = await box.output(['ls', '/sys/fs/cgroup'], (config) => {
        config.mounts.push({
          destination: '/sys/fs/cgroup',
          type: 'cgroup',
          source: 'cgroup',
          options: ['ro', 'nosuid', 'noexec', 'nodev'],
        });
      });
      for (const controller of ['memory', 'cpu', 'pids', 'devices', 'freezer']) expect(text.split('\n')).toContain(controller);
    },
    'cgroup v1',
  );

  clause(
    'ENG-024 on cgroup v1 what is made for the mount has no programs and no devices, whatever is asked',
    async (box) => {
      const table = await box.output(['cat', '/proc/self/mountinfo'], (config) => {
        setNamespace(config, 'cgroup');
        config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['relatime'] });
      });
      const lines = table.split('\n').filter((line) => line.includes(' /sys/fs/cgroup'));
      expect(lines.length).toBeGreaterThan(5);
      for (const line of lines) expect(line).toMatch(/ rw,nosuid,nodev,noexec,relatime /);
    },
    'cgroup v1',
  );

  clause(
    'ENG-024 on cgroup v2 the mount is the container’s own group',
    async (box) => {
      const text = await box.output(['cat', '/sys/fs/cgroup/pids.max'], (config) => {
        setNamespace(config, 'cgroup');
        config.linux.resources = { pids: { limit: 123 } };
        config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] });
      });
      expect(text).toBe('123\n');
    },
    'cgroup v2',
  );

  clause('CFG-011 a mount over a symlink of /proc is refused or kept inside', async (box) => {
    const outside = join(box.directory, 'victim');
    mkdirSync(outside);
    writeFileSync(join(outside, 'file'), 'host');
    const bundle = box.bundle((config, made) => {
      symlinkSync(outside, join(made.rootfs, 'evil'));
      config.mounts.push({ destination: '/evil', type: 'tmpfs', source: 'tmpfs' });
      config.process.args = ['sh', '-c', 'echo changed > /evil/file'];
    });
    await box.run(bundle);
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('host');
  });

  // "silent" and an option of more than 255 bytes need mount(2), whose checks are the same.
  for (const [how, options] of Object.entries({
    'by fsopen': [],
    'by mount(2)': ['silent'],
  })) {
    clause(`ENG-021 a proc mount whose destination is a symlink is refused, ${how}`, async (box) => {
      const result = await box.tryCreate(
        box.bundle((config, bundle) => {
          symlinkSync('data', join(bundle.rootfs, 'proclink'));
          config.mounts[0] = { destination: '/proclink', type: 'proc', source: 'proc', options };
        }),
      );
      expect(result.status).toBe(1);
      expect(box.leftovers()).toEqual([]);
    });

    clause(
      `CFG-011 a mount whose destination leads into /proc by a symlink is refused, ${how}`,
      async (box) => {
        const result = await box.tryCreate(
          box.bundle((config, bundle) => {
            symlinkSync('/proc/tty', join(bundle.rootfs, 'link'));
            config.mounts.push({ destination: '/link', type: 'tmpfs', source: 'tmpfs', options });
          }),
        );
        expect(result.status).toBe(1);
        expect(box.leftovers()).toEqual([]);
      },
      'not crun',
    );

    clause(
      `MNT-058 tmpcopyup and the mode of the directory below, ${how}`,
      async (box) => {
        const text = await box.output(['sh', '-c', 'stat -c %a /data; cat /data/file'], (config, bundle) => {
          bundle.put('/data/file', 'text');
          chmodSync(join(bundle.rootfs, 'data'), 0o751);
          config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', ...options] });
        });
        expect(text).toBe('751\ntext');
      },
      'not crun',
    );
  }

  clause(
    'CFG-016 a filesystem that mount(2) mounts, its options and its propagation',
    async (box) => {
      const text = await box.output(['sh', '-c', 'cat /data/file; sed -n "s/.* \\/data //p" /proc/self/mountinfo'], (config, bundle) => {
        const [lower, lowest] = ['lower', 'lowest'].map((name) => join(box.directory, name)) as [string, string];
        for (const directory of [lower, lowest]) mkdirSync(directory);
        writeFileSync(join(lower, 'file'), 'text\n');
        symlinkSync('../data', join(bundle.rootfs, 'tmp/link'));
        const layers = [`lowerdir=${lower}:${lowest}`, 'nosuid', 'ro', 'unbindable'];
        config.mounts.push({ destination: '/tmp/link', type: 'overlay', source: 'spec', options: layers });
      });
      expect(text).toMatch(/^text\nro,nosuid\S* unbindable - overlay spec /);
    },
    'not crun',
  );
});
