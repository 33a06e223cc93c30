import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';

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
