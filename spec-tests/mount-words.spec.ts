import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import type { Config, Mount } from './harness/config.ts';
import { during, expectRefusal, type Message } from './harness/message.ts';
import { isKernelSince, type Need } from './harness/needs.ts';

const withMount = (box: Box, mount: Mount): Bundle => box.bundle((config) => config.mounts.push(mount));

interface Case {
  readonly title: string;
  readonly options: (directory: string) => string[];
  readonly words: (directory: string) => string;
  readonly errno: 'cannot allocate memory' | 'invalid argument' | 'no such file or directory';
}

/** Where overlayfs is not built in, the type itself is unknown. */
const overlayfs: Need = '/sys/module/overlay';

const overlays: readonly Case[] = [
  {
    title: 'no lowerdir',
    options: (at) => [`upperdir=${at}/upper`, `workdir=${at}/work`],
    words: () => 'it has no lowerdir=',
    errno: 'invalid argument',
  },
  {
    title: 'no workdir',
    options: (at) => [`lowerdir=${at}/lower`, `upperdir=${at}/upper`],
    words: () => 'it has upperdir= without workdir=',
    // Linux 5.10 forgets to say so.
    errno: isKernelSince('5.15') ? 'invalid argument' : 'cannot allocate memory',
  },
  {
    title: 'neither upperdir nor workdir for one lowerdir',
    options: (at) => [`lowerdir=${at}/lower`],
    words: () => 'one lowerdir= alone needs upperdir= and workdir=',
    errno: 'invalid argument',
  },
  {
    title: 'the second lowerdir is missing',
    options: (at) => [`lowerdir=${at}/lower:${at}/gone`],
    words: (at) => `lowerdir "${at}/gone" does not exist`,
    errno: 'no such file or directory',
  },
  {
    title: 'a lowerdir with a colon and a comma in its name is missing',
    options: (at) => [`lowerdir=${at}/lower:${at}/go\\:n\\,e`],
    words: (at) => `lowerdir "${at}/go:n,e" does not exist`,
    errno: 'no such file or directory',
  },
  {
    title: 'the upperdir is missing',
    options: (at) => [`lowerdir=${at}/lower`, `upperdir=${at}/gone`, `workdir=${at}/work`],
    words: (at) => `upperdir "${at}/gone" does not exist`,
    errno: 'no such file or directory',
  },
  {
    title: 'the workdir is missing',
    options: (at) => [`lowerdir=${at}/lower`, `upperdir=${at}/upper`, `workdir=${at}/gone`],
    words: (at) => `workdir "${at}/gone" does not exist`,
    errno: 'no such file or directory',
  },
  {
    title: 'upperdir and workdir on different mounts',
    options: (at) => [`lowerdir=${at}/lower`, `upperdir=${at}/upper`, 'workdir=/proc'],
    words: () => 'upperdir and workdir are on different mounts',
    errno: 'invalid argument',
  },
  {
    title: 'the workdir inside the upperdir',
    options: (at) => [`lowerdir=${at}/lower`, `upperdir=${at}/upper`, `workdir=${at}/upper/below`],
    words: () => 'upperdir and workdir lie one in the other',
    errno: 'invalid argument',
  },
];

describe('the words for a mount that fails: overlay', () => {
  for (const { title, options, words, errno } of overlays) {
    clause(
      `CFG-014 overlay: ${title}`,
      async (box) => {
        for (const name of ['lower', 'upper/below', 'work']) mkdirSync(join(box.directory, name), { recursive: true });
        const bundle = withMount(box, { destination: '/data', type: 'overlay', source: 'overlay', options: options(box.directory) });
        const hint = 'overlay needs lowerdir=, and to be writable upperdir= and workdir= on one mount; the kernel log says more';
        await expectRefusal(box, bundle, new RegExp(errno, 'i'), {
          message: `${during}error mounting: cannot create "overlay" on "/data": ${words(box.directory)}: mount: ${errno}`,
          pointer: '/mounts/6',
          ...(errno === 'invalid argument' ? { hint } : {}),
        });
      },
      overlayfs,
    );
  }
});

describe('the words for a mount that fails', () => {
  clause('CFG-012 a bind source that does not exist is named once', async (box) => {
    const bundle = withMount(box, { destination: '/data', type: 'bind', source: '/no/such', options: ['bind'] });
    await expectRefusal(box, bundle, /no such file or directory/i, {
      message: `${during}error mounting: cannot open "/no/such": open_tree: no such file or directory`,
      pointer: '/mounts/6/source',
      hint: 'the source of a bind mount has to exist on the host',
    });
  });

  clause('CFG-011 a loop of symlinks on the way to the destination has nothing to do with /proc', async (box) => {
    const bundle = box.bundle((config, made) => {
      symlinkSync('pool', join(made.rootfs, 'loop'));
      symlinkSync('loop', join(made.rootfs, 'pool'));
      config.mounts.push({ destination: '/loop/x', type: 'tmpfs', source: 'tmpfs' });
    });
    await expectRefusal(box, bundle, /too many levels of symbolic links/i, {
      message: `${during}error mounting: cannot mount "tmpfs" on "/loop/x": a loop of symlinks, or a magic link of procfs: openat2: too many levels of symbolic links`,
      pointer: '/mounts/6',
      hint: 'look at the symlinks of the rootfs on the way there: one leads back to itself, or on through a link of procfs',
    });
  });

  const places: readonly [what: string, make: (path: string) => void, found: string][] = [
    ['a symlink', (path) => symlinkSync('tmp', path), 'a symlink is not allowed here: openat2: too many levels of symbolic links'],
    ['a file', (path) => writeFileSync(path, ''), 'is a regular file, what is mounted there is a directory: move_mount: not a directory'],
  ];
  for (const [what, make, found] of places) {
    clause(`CVE-2019-19921 /proc of the rootfs is ${what}`, async (box) => {
      const bundle = box.bundle((_, made) => {
        const path = join(made.rootfs, 'proc');
        rmSync(path, { recursive: true, force: true });
        make(path);
      });
      await expectRefusal(box, bundle, /must be mounted on ordinary directory|not a directory/i, {
        message: `${during}error mounting: cannot mount "proc" on "/proc": filesystem "proc" must be mounted on ordinary directory: ${found}`,
        pointer: '/mounts/0',
        hint: '/proc and /sys of a rootfs have to be real directories',
      });
    });
  }

  const without: readonly [what: string, change: (config: Config) => void, words: Message][] = [
    [
      'type, with a source',
      (config) => config.mounts.push({ destination: '/data', source: '/tmp' }),
      {
        message: 'required property "type" of the mount "/tmp" on "/data" is missing',
        pointer: '/mounts/6/type',
        hint: 'to mount "/tmp" itself, put "bind" or "rbind" among the options',
      },
    ],
    [
      'type and source',
      (config) => config.mounts.push({ destination: '/data' }),
      {
        message: 'required property "type" of the mount on "/data" is missing',
        pointer: '/mounts/6/type',
        hint: 'name a type, or a source and the option "bind" or "rbind"',
      },
    ],
  ];
  for (const [what, change, words] of without) {
    clause(`CFG-008 a mount without ${what}`, async (box) => {
      await expectRefusal(box, box.bundle(change), /no such device|type/i, words);
    });
  }

  clause('CFG-008 a bind mount without a source', async (box) => {
    await expectRefusal(box, withMount(box, { destination: '/data', options: ['bind'] }), /source|no such file/i, {
      message: 'required property "source" of the bind mount on "/data" is missing',
      pointer: '/mounts/6/source',
    });
  });
});
