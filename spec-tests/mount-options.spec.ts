import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { type Config, withUserNamespace } from './harness/config.ts';

interface MountLine {
  point: string;
  options: string[];
  /** shared:N, master:N, unbindable. */
  tags: string[];
  type: string;
  superOptions: string[];
}

function parse(mountinfo: string): MountLine[] {
  return mountinfo
    .trim()
    .split('\n')
    .map((line) => {
      const [left = '', right = ''] = line.split(' - ');
      const fields = left.split(' ');
      const [type = '', , superOptions = ''] = right.split(' ');
      return {
        point: fields[4] ?? '',
        options: (fields[5] ?? '').split(','),
        tags: fields.slice(6),
        type,
        superOptions: superOptions.split(','),
      };
    });
}

/** Mounts a tmpfs with these options on /data and returns its line. */
async function tmpfs(box: Box, options: string[]): Promise<MountLine> {
  const text = await box.output(['cat', '/proc/self/mountinfo'], (config) => {
    config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options });
  });
  return parse(text).findLast((mount) => mount.point === '/data') as MountLine;
}

/** A directory of the host with a tmpfs mounted below it at `sub`; `body` sees its path. */
async function tree<T>(box: Box, body: (path: string) => Promise<T>): Promise<T> {
  const path = join(box.directory, 'tree');
  mkdirSync(join(path, 'sub'), { recursive: true });
  (await box.host(['mount', '-t', 'tmpfs', 'tree-sub', join(path, 'sub')])).ok();
  try {
    return await body(path);
  } finally {
    await box.host(['umount', join(path, 'sub')]);
  }
}

/** Binds the tree with these options on /data. @returns the lines of /data and /data/sub */
async function bound(
  box: Box,
  options: string[],
  change: (config: Config, bundle: Bundle) => void = () => {},
): Promise<{ top: MountLine | undefined; sub: MountLine | undefined }> {
  return tree(box, async (source) => {
    const text = await box.output(['cat', '/proc/self/mountinfo'], (config, bundle) => {
      config.mounts.push({ destination: '/data', source, options });
      change(config, bundle);
    });
    const lines = parse(text);
    return { top: lines.findLast((mount) => mount.point === '/data'), sub: lines.findLast((mount) => mount.point === '/data/sub') };
  });
}

/** Options, what mountinfo then shows, and what it does not. */
const table: readonly [clause: string, options: string[], present: string[], absent: string[]][] = [
  ['MNT-004 defaults', ['defaults'], ['rw', 'relatime'], ['nosuid', 'nodev', 'noexec']],
  ['MNT-039 ro', ['ro'], ['ro'], ['rw']],
  ['MNT-050 rw after ro', ['ro', 'rw'], ['rw'], ['ro']],
  ['MNT-022 nosuid', ['nosuid'], ['nosuid'], []],
  ['MNT-055 suid after nosuid', ['nosuid', 'suid'], [], ['nosuid']],
  ['MNT-014 nodev', ['nodev'], ['nodev'], []],
  ['MNT-005 dev after nodev', ['nodev', 'dev'], [], ['nodev']],
  ['MNT-016 noexec', ['noexec'], ['noexec'], []],
  ['MNT-008 exec after noexec', ['noexec', 'exec'], [], ['noexec']],
  ['MNT-013 noatime', ['noatime'], ['noatime'], ['relatime']],
  ['MNT-002 atime after noatime', ['noatime', 'atime'], [], ['noatime']],
  ['MNT-029 relatime', ['relatime'], ['relatime'], []],
  ['MNT-054 strictatime', ['strictatime'], [], ['relatime', 'noatime']],
  ['MNT-015 nodiratime', ['nodiratime'], ['nodiratime'], []],
  ['MNT-006 diratime after nodiratime', ['nodiratime', 'diratime'], [], ['nodiratime']],
  ['MNT-023 nosymfollow', ['nosymfollow'], ['nosymfollow'], []],
  ['MNT-056 symfollow after nosymfollow', ['nosymfollow', 'symfollow'], [], ['nosymfollow']],
];

/** Options that belong to the superblock. */
const superTable: readonly [clause: string, options: string[], present: string[], absent: string[]][] = [
  ['MNT-057 sync', ['sync'], ['sync'], []],
  ['MNT-001 async after sync', ['sync', 'async'], [], ['sync']],
  ['MNT-007 dirsync', ['dirsync'], ['dirsync'], []],
  ['MNT-010 lazytime', ['lazytime'], ['lazytime'], []],
  ['MNT-018 nolazytime after lazytime', ['lazytime', 'nolazytime'], [], ['lazytime']],
];

const accepted = {
  'MNT-011': 'loud',
  'MNT-052': 'silent',
  'MNT-020': 'norelatime',
  'MNT-021': 'nostrictatime',
  'MNT-009': 'iversion',
  'MNT-017': 'noiversion',
};

describe('mount options of a tmpfs', () => {
  for (const [title, options, present, absent] of table) {
    clause(`${title} shows in mountinfo`, async (box) => {
      const line = await tmpfs(box, options);
      expect(line.options).toEqual(expect.arrayContaining(present));
      for (const option of absent) expect(line.options).not.toContain(option);
    });
  }

  for (const [title, options, present, absent] of superTable) {
    clause(`${title} shows among the superblock’s options`, async (box) => {
      const line = await tmpfs(box, options);
      expect(line.superOptions).toEqual(expect.arrayContaining(present));
      for (const option of absent) expect(line.superOptions).not.toContain(option);
    });
  }

  for (const [id, option] of Object.entries(accepted)) {
    clause(`${id} ${option} is accepted`, async (box) => {
      expect((await tmpfs(box, [option])).type).toBe('tmpfs');
    });
  }
});

describe('mount options of a bind', () => {
  clause('MNT-003 bind leaves the mounts below out', async (box) => {
    const { top, sub } = await bound(box, ['bind']);
    expect(top).toBeDefined();
    expect(sub).toBeUndefined();
  });

  clause('MNT-026 rbind brings the mounts below', async (box) => {
    expect((await bound(box, ['rbind'])).sub?.type).toBe('tmpfs');
  });

  clause('MNT-039 ro makes the top of a bind read-only, not what lies below', async (box) => {
    const { top, sub } = await bound(box, ['rbind', 'ro']);
    expect(top?.options).toContain('ro');
    expect(sub?.options).toContain('rw');
  });

  for (const [id, option, shown] of [
    ['MNT-042', 'rro', 'ro'],
    ['MNT-037', 'rnosuid', 'nosuid'],
    ['MNT-034', 'rnoexec', 'noexec'],
    ['MNT-062', 'rnodev', 'nodev'],
    ['MNT-032', 'rnoatime', 'noatime'],
    ['MNT-033', 'rnodiratime', 'nodiratime'],
    ['MNT-038', 'rnosymfollow', 'nosymfollow'],
  ] as const) {
    clause(`${id} ${option} reaches the mounts below`, async (box) => {
      const { top, sub } = await bound(box, ['rbind', option]);
      expect(top?.options).toContain(shown);
      expect(sub?.options).toContain(shown);
    });
  }

  clause('MNT-046 rstrictatime reaches the mounts below', async (box) => {
    const { sub } = await bound(box, ['rbind', 'rstrictatime']);
    expect(sub?.options).not.toContain('relatime');
  });

  clause('MNT-016 several flags of a bind are applied together', async (box) => {
    const { top } = await bound(box, ['bind', 'ro', 'nosuid', 'nodev', 'noexec', 'noatime']);
    expect(top?.options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec', 'noatime']));
  });

  clause('MNT-030 remount changes the flags of an earlier mount', async (box) => {
    const text = await box.output(['cat', '/proc/self/mountinfo'], (config) => {
      config.mounts.push(
        { destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['size=64k'] },
        { destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro', 'noexec'] },
      );
    });
    const lines = parse(text).filter((mount) => mount.point === '/data');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.options).toEqual(expect.arrayContaining(['ro', 'noexec']));
  });
});

describe('propagation', () => {
  for (const [id, option, tag] of [
    ['MNT-024', 'private', undefined],
    ['MNT-040', 'rprivate', undefined],
    ['MNT-051', 'shared', /^shared:/],
    ['MNT-044', 'rshared', /^shared:/],
    ['MNT-059', 'unbindable', /^unbindable$/],
    ['MNT-049', 'runbindable', /^unbindable$/],
  ] as const) {
    clause(`${id} ${option} shows in mountinfo`, async (box) => {
      const { top, sub } = await bound(box, ['rbind', option]);
      for (const line of option.startsWith('r') ? [top, sub] : [top]) {
        if (tag === undefined) expect(line?.tags).toEqual([]);
        else expect(line?.tags.some((candidate) => tag.test(candidate))).toBe(true);
      }
    });
  }

  for (const root of ['private', 'rprivate', 'slave', 'rslave']) {
    for (const inUserNamespace of [false, true]) {
      clause(
        `LNX-179 a shared mount stays so below a root that is ${root}${inUserNamespace ? ', in a user namespace' : ''}`,
        async (box) => {
          const { top, sub } = await bound(box, ['rbind', 'shared'], (config, { rootfs }) => {
            config.linux.rootfsPropagation = root;
            if (!inUserNamespace) return;
            withUserNamespace(config);
            chownSync(rootfs, 100_000, 100_000);
          });
          expect(top?.tags).toEqual([expect.stringMatching(/^shared:/)]);
          expect(sub?.tags).toEqual([]);
        },
      );
    }
  }

  clause('MNT-045 rslave receives mounts of the host and sends none', async (box) => {
    const source = join(box.directory, 'shared');
    mkdirSync(join(source, 'late'), { recursive: true });
    (await box.host(['mount', '--bind', source, source])).ok();
    (await box.host(['mount', '--make-shared', source])).ok();
    try {
      const container = await box.started(
        box.bundle((config) => {
          config.linux.rootfsPropagation = 'rslave';
          config.mounts.push({ destination: '/data', source, options: ['rbind', 'rslave'] });
        }),
      );
      (await box.host(['mount', '-t', 'tmpfs', 'late-mark', join(source, 'late')])).ok();
      await until('the mount arrives', () => readFileSync(`/proc/${container.pid}/mountinfo`, 'utf8').includes('late-mark'));
      const line = parse(readFileSync(`/proc/${container.pid}/mountinfo`, 'utf8')).find((mount) => mount.point === '/data');
      expect(line?.tags.some((tag) => tag.startsWith('master:'))).toBe(true);
      (await container.delete('--force')).ok();
    } finally {
      await box.host(['umount', '-R', source]);
    }
  });

  for (const [id, propagation, tag] of [
    ['LNX-177', 'shared', /^shared:/],
    ['LNX-179', 'private', undefined],
    ['LNX-180', 'unbindable', /^unbindable$/],
  ] as const) {
    clause(`${id} rootfsPropagation ${propagation}`, async (box) => {
      const bundle = box.bundle((config) => {
        config.linux.rootfsPropagation = propagation;
        config.process.args = ['cat', '/proc/self/mountinfo'];
      });
      const root = parse((await box.run(bundle)).ok().stdout).find((mount) => mount.point === '/');
      if (tag === undefined) expect(root?.tags).toEqual([]);
      else expect(root?.tags.some((candidate) => tag.test(candidate))).toBe(true);
    });
  }

  clause('LNX-177 an unknown rootfsPropagation is refused', async (box) => {
    const bundle: Bundle = box.bundle((config) => {
      config.linux.rootfsPropagation = 'sideways';
    });
    expect((await box.tryCreate(bundle)).status).toBe(1);
    expect(box.leftovers()).toEqual([]);
  });
});
