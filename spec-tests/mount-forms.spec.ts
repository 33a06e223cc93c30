import { lstatSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { type Mount, set } from './harness/config.ts';
import { expectRefusal } from './harness/message.ts';
import { lineAt, mountinfo, mountLines, tree } from './harness/mount-table.ts';

describe('remount and other forms', () => {
  clause('MNT-030 remount of a bind changes it alone, not the filesystem of the host', async (box) => {
    const source = tree(box, 'source');
    const text = await box.output(mountinfo, (config) => {
      config.mounts.push(
        { destination: '/data', source, options: ['bind'] },
        { destination: '/data', source, options: ['bind', 'remount', 'ro', 'nosuid'] },
      );
    });
    const lines = mountLines(text).filter(({ point }) => point === '/data');
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
      config.mounts.push({ destination: '/data', source: tree(box, 'source'), options: ['bind', 'size=1k'] });
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
    expect(lineAt(mountLines(text), '/data/x')?.source).toBe('relative-mark');
  });

  clause('CFG-012 a bind of a symlink takes what it leads to', async (box) => {
    const source = tree(box, 'source');
    writeFileSync(join(source, 'file'), 'text');
    symlinkSync('source', join(box.directory, 'link'));
    const text = await box.output(['cat', '/data/file'], (config) => {
      config.mounts.push({ destination: '/data', source: join(box.directory, 'link'), options: ['bind'] });
    });
    expect(text).toBe('text');
    expect(lstatSync(join(box.directory, 'link')).isSymbolicLink()).toBe(true);
  });
});
