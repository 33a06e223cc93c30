import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { type Config, type Mount, set, setNamespace } from './harness/config.ts';
import { expectRefusal } from './harness/message.ts';

interface Line {
  readonly point: string;
  readonly options: readonly string[];
  readonly tags: readonly string[];
  readonly source: string;
}

/** Lines of mountinfo (proc_pid_mountinfo(5)). */
function parse(text: string): Line[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [front = '', back = ''] = line.split(' - ');
      const [, , , , point = '', options = '', ...tags] = front.split(' ');
      return { point, options: options.split(','), tags, source: back.split(' ')[1] ?? '' };
    });
}

const at = (lines: readonly Line[], point: string): Line | undefined => lines.filter((line) => line.point === point).at(-1);
const mountinfo = ['cat', '/proc/self/mountinfo'];

/** What `command` prints in a container with these mounts; `prepare` first mounts things in a mount namespace of the runtime's own. */
async function output(box: Box, mounts: Mount[], prepare: string, command = mountinfo): Promise<string> {
  const bundle = box.bundle((config) => {
    config.mounts.push(...mounts);
    config.process.args = command;
  });
  const script = `${prepare} && exec "$@"`;
  const result = await box.run(bundle, { through: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'] });
  return result.ok().stdout;
}

function directory(box: Box, name: string): string {
  const path = join(box.directory, name);
  mkdirSync(join(path, 'below'), { recursive: true });
  return path;
}

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
        const source = directory(box, 'source');
        const mounts = [{ destination: '/data', source, options: ['rbind', option] }];
        const prepare = `mount -t tmpfs -o ${flag} mark ${source}/below`;
        expect(at(parse(await output(box, mounts, prepare)), '/data/below')?.options).not.toContain(flag);
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
        const source = directory(box, 'source');
        const mounts = [{ destination: '/data', source, options: ['rbind', 'rstrictatime', option] }];
        const line = at(parse(await output(box, mounts, `mount -t tmpfs mark ${source}/below`)), '/data/below');
        expect(line?.options.includes('relatime')).toBe(option === 'rnostrictatime');
      },
      'runts',
    );
  }

  clause('MNT-042 rro leaves the source on the host writable', async (box) => {
    const source = directory(box, 'source');
    const mounts = [{ destination: '/data', source, options: ['rbind', 'rro'] }];
    const text = await output(box, mounts, `mount -t tmpfs mark ${source}/below`, [
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
    const source = directory(box, 'shared');
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
      expect(at(parse(readFileSync('/proc/self/mountinfo', 'utf8')), join(source, 'below'))?.source).toBe('from-inside');
    });
  });

  clause(
    'RT-059 a mount of the configuration on a volume that is shared with the host goes with the container',
    async (box) => {
      await shared(box, async (source) => {
        const onHost = () => parse(readFileSync('/proc/self/mountinfo', 'utf8')).filter(({ point }) => point.startsWith(`${source}/`));
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
      const root = at(parse((await box.run(bundle)).ok().stdout), '/');
      expect(root?.tags.some((tag) => tag.startsWith('master:'))).toBe(true);
      expect(root?.tags.some((tag) => tag.startsWith('shared:'))).toBe(false);
    });
  });

  clause('LNX-177 rootfsPropagation shared is a peer group of its own, not the host’s', async (box) => {
    const groups = (text: string): string[] => parse(text).flatMap(({ tags }) => tags.filter((tag) => tag.startsWith('shared:')));
    await shared(box, async (source) => {
      const bundle = box.bundle((config) => {
        config.linux.rootfsPropagation = 'shared';
        config.process.args = mountinfo;
        config.root.path = join(source, 'rootfs');
      });
      (await box.host(['cp', '-a', join(bundle.directory, 'rootfs'), source])).ok();
      const root = at(parse((await box.run(bundle)).ok().stdout), '/');
      const [own] = root?.tags.filter((tag) => tag.startsWith('shared:')) ?? [];
      expect(own).toBeDefined();
      expect(groups(readFileSync('/proc/self/mountinfo', 'utf8'))).not.toContain(own);
    });
  });
});

describe('mounts in a user namespace', () => {
  clause('LNX-010 proc, sysfs, devpts, mqueue, tmpfs and a read-only bind work with mapped ids', async (box) => {
    const source = directory(box, 'source');
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
    const lines = parse(text);
    for (const point of ['/proc', '/sys2', '/data', '/cg']) expect(at(lines, point), point).toBeDefined();
    expect(at(lines, '/data')?.options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev']));
  });

  clause('MNT-039 flags that the host has locked stay, also when the container does not ask for them', async (box) => {
    const source = directory(box, 'source');
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
    expect(at(parse(result.ok().stdout), '/data')?.options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec']));
  });
});

describe('tmpcopyup', () => {
  clause('MNT-058 owners, modes, symlinks and directories are copied, also into a read-only tmpfs', async (box) => {
    const text = await box.output(
      ['sh', '-c', 'cd /data && stat -c "%n %a %u:%g %s" file dir dir/deep && readlink link && touch x; echo $?'],
      (config, bundle) => {
        const file = bundle.put('/data/file', 'x'.repeat(70_000), 0o4750);
        chownSync(file, 7, 8);
        bundle.put('/data/dir/deep', '');
        symlinkSync('../outside', join(bundle.rootfs, 'data/link'));
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', 'ro'] });
      },
    );
    expect(text).toMatch(/^file \d?750 7:8 70000\ndir 755 0:0 \d+\ndir\/deep 644 0:0 0\n\.\.\/outside\n1\n$/);
  });

  clause(
    'MNT-058 a tree of any depth is copied, with what comes after a directory',
    async (box) => {
      const depth = 1200;
      const text = await box.output(
        ['sh', '-c', 'find /data -type f | wc -l; cd /data/wide && ls -d dir* | wc -l; stat -c "%a %Y" dir7'],
        (config, bundle) => {
          for (let level = 0, path = join(bundle.rootfs, 'data'); level < depth; level++) {
            path = join(path, 'm');
            mkdirSync(path);
            if (level % 100 === 0) for (const name of ['a', 'z']) writeFileSync(join(path, name), '');
          }
          for (let index = 0; index < 150; index++) bundle.put(`/data/wide/dir${index}/file`, '');
          chmodSync(join(bundle.rootfs, 'data/wide/dir7'), 0o2711);
          utimesSync(join(bundle.rootfs, 'data/wide/dir7'), 7, 77);
          config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
        },
      );
      expect(text).toBe(`${(2 * depth) / 100 + 150}\n150\n2711 77\n`);
    },
    // These leave the times of directories as they come.
    'not runc',
    'not crun',
  );

  clause('MNT-058 two names of one file are two names of one copy', async (box) => {
    const script =
      'cd /data && stat -c "%n %h" one fifo link lone && test one -ef dir/two && test one -ef dir/deep/three && test fifo -ef dir/fifo && echo same; echo x >>dir/two; cat one; readlink dir/link';
    const text = await box.output(['sh', '-c', script], (config, bundle) => {
      const at = (name: string) => join(bundle.rootfs, 'data', name);
      bundle.put('/data/one', 'text');
      bundle.put('/data/lone', '');
      mkdirSync(at('dir/deep'), { recursive: true });
      execFileSync('mkfifo', [at('fifo')]);
      symlinkSync('one', at('link'));
      for (const [from, to] of [
        ['one', 'dir/two'],
        ['one', 'dir/deep/three'],
        ['fifo', 'dir/fifo'],
        ['link', 'dir/link'],
      ] as const)
        linkSync(at(from), at(to));
      // One of its names lies outside.
      linkSync(at('lone'), join(bundle.rootfs, 'outside'));
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
    });
    expect(text).toBe('one 3\nfifo 2\nlink 2\nlone 1\nsame\ntextx\none\n');
  });

  clause(
    'MNT-058 very many files with two names, and two that are too deep to be linked',
    async (box) => {
      const [depth, count] = [20, 1000];
      const script = `find /data -type f -links 2 | wc -l; find /data -type f -links 1 | wc -l; find /data -type f | wc -l`;
      const text = await box.output(['sh', '-c', script], (config, bundle) => {
        const top = join(bundle.rootfs, 'data');
        mkdirSync(join(top, 'again'));
        for (let index = 0; index < count; index++) {
          writeFileSync(join(top, `file-${index}`), '');
          linkSync(join(top, `file-${index}`), join(top, 'again', `${index}`));
        }
        // With one more level and a name behind it this would be no path (PATH_MAX).
        const name = 'd'.repeat(199);
        const make = `i=0; while [ $i -lt ${depth} ]; do mkdir ${name}; cd ${name}; i=$((i+1)); done; echo >a; ln a b`;
        execFileSync('sh', ['-c', make], { cwd: top });
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
      });
      expect(text).toBe(`${2 * count}\n2\n${2 * count + 2}\n`);
    },
    'runts',
  );

  clause('MNT-058 a directory that is missing gives an empty tmpfs', async (box) => {
    const text = await box.output(['ls', '-A', '/nowhere'], (config) => {
      config.mounts.push({ destination: '/nowhere', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup'] });
    });
    expect(text).toBe('');
  });
});

describe('remount and other forms', () => {
  clause('MNT-030 remount of a bind changes it alone, not the filesystem of the host', async (box) => {
    const source = directory(box, 'source');
    const text = await box.output(mountinfo, (config) => {
      config.mounts.push(
        { destination: '/data', source, options: ['bind'] },
        { destination: '/data', source, options: ['bind', 'remount', 'ro', 'nosuid'] },
      );
    });
    const lines = parse(text).filter(({ point }) => point === '/data');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.options).toEqual(expect.arrayContaining(['ro', 'nosuid']));
    writeFileSync(join(source, 'still'), '');
  });

  clause('MNT-030 remount of what is no mount is an error', async (box) => {
    const bundle = box.bundle((config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro', 'size=1k'] });
    });
    expect((await box.tryCreate(bundle)).status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });

  for (const [what, mount, words] of [
    ['a mount without type and source', { destination: '/data' }, /type/],
    ['a bind without a source', { destination: '/data', options: ['bind'] }, /source/],
    ['an empty destination', { destination: '', type: 'tmpfs' }, /destination/],
  ] as const) {
    clause(
      `CFG-008 ${what} is refused`,
      async (box) => {
        const bundle = box.bundle((config) => {
          config.mounts.push(mount as unknown as Mount);
        });
        const result = await box.tryCreate(bundle);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(words);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }

  clause('CFG-016 filesystem options of a bind are ignored, as mount(2) does, with a warning', async (box) => {
    const bundle = box.bundle((config) => {
      config.mounts.push({ destination: '/data', source: directory(box, 'source'), options: ['bind', 'size=1k'] });
      config.process.args = ['ls', '/data'];
    });
    const result = (await box.run(bundle)).ok();
    expect(result.stdout).toBe('below\n');
    if (box.kind === 'runts') expect((await box.runtime(['plan', bundle.directory])).ok().stdout).toMatch(/size=1k is ignored/);
  });

  clause('LNX-183 a mount label on a kernel without SELinux is an error', async (box) => {
    const bundle = box.bundle((config) => set(config, '/linux/mountLabel', 'system_u:object_r:container_file_t:s0:c1,c2'));
    await expectRefusal(box, bundle, /label|selinux|context|invalid/i, {
      message:
        'mount label "system_u:object_r:container_file_t:s0:c1,c2": selinux is not enabled on this host, so it would protect nothing',
      pointer: '/linux/mountLabel',
      hint: 'leave it out, or boot the host with SELinux',
    });
  });

  clause('CFG-010 a relative destination may leave out the slash and hold dots', async (box) => {
    const text = await box.output(mountinfo, (config) => {
      config.mounts.push({ destination: './data/../data/x', type: 'tmpfs', source: 'relative-mark' });
    });
    expect(at(parse(text), '/data/x')?.source).toBe('relative-mark');
  });

  clause('CFG-012 a bind of a symlink takes what it leads to', async (box) => {
    const source = directory(box, 'source');
    writeFileSync(join(source, 'file'), 'text');
    symlinkSync('source', join(box.directory, 'link'));
    const text = await box.output(['cat', '/data/file'], (config) => {
      config.mounts.push({ destination: '/data', source: join(box.directory, 'link'), options: ['bind'] });
    });
    expect(text).toBe('text');
    expect(lstatSync(join(box.directory, 'link')).isSymbolicLink()).toBe(true);
  });
});
