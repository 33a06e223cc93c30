import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Config, withUserNamespace } from './harness/config.ts';

// Which flags a bind mount has: those asked for in place of its source's, or those of its source where none is asked for.

const times = ['relatime', 'noatime', 'nodiratime'];

interface Bind {
  /** Options of the tmpfs that is the source. */
  readonly source: string;
  readonly options: readonly string[];
  readonly change?: (config: Config, bundle: Bundle) => void;
  /** A program and its arguments that execute the runtime. */
  readonly inside?: readonly string[];
}

function bundleOf(box: Box, { options, change }: Bind): Bundle {
  const path = join(box.directory, 'source');
  mkdirSync(path);
  return box.bundle((config, bundle) => {
    config.mounts.push({ destination: '/data', source: path, options: [...options] });
    config.process.args = ['cat', '/proc/self/mountinfo'];
    change?.(config, bundle);
  });
}

/** The source is mounted in a mount namespace of the runtime's own: the host is left alone. */
const through = (box: Box, { source, inside = [] }: Bind): string[] => {
  const script = `mount -t tmpfs -o ${source} mark ${join(box.directory, 'source')} && exec "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...inside];
};

/** Flags of the mount in the container, sorted. */
async function flags(box: Box, bind: Bind): Promise<string> {
  const result = (await box.run(bundleOf(box, bind), { through: through(box, bind) })).ok();
  const line = result.stdout.split('\n').find((text) => text.split(' ')[4] === '/data');
  return (line?.split(' ')[5] ?? '').split(',').sort().join();
}

const withoutTimes = (text: string): string =>
  text
    .split(',')
    .filter((flag) => !times.includes(flag))
    .join();

const everything = 'ro,nosuid,nodev,noexec';

describe('the flags asked for', () => {
  for (const [options, found] of [
    [['bind', 'ro'], 'ro'],
    [['rbind', 'ro'], 'ro'],
    [['rbind', 'nosuid', 'nodev'], 'nodev,nosuid,rw'],
    [['bind', 'noexec'], 'noexec,rw'],
    [['bind', 'rw'], 'rw'],
    [['bind', 'dev'], 'rw'],
    [['bind', 'suid', 'ro'], 'ro'],
    [['bind', 'exec', 'nosuid'], 'nosuid,rw'],
    [['bind', 'noatime'], 'rw'],
    [['bind', 'relatime'], 'rw'],
    [['bind', 'sync'], 'rw'],
    [['bind', 'async', 'nodev'], 'nodev,rw'],
  ] as const) {
    clause(`MNT-039 ${options.join()} replaces the flags of the source`, async (box) => {
      expect(withoutTimes(await flags(box, { source: everything, options }))).toBe(found);
    });
  }

  for (const options of [['bind'], ['rbind', 'rprivate'], ['bind', 'defaults'], ['rbind', 'slave', 'size=1k']] as const) {
    clause(`MNT-039 ${options.join()} asks for none and leaves those of the source`, async (box) => {
      expect(withoutTimes(await flags(box, { source: everything, options }))).toBe('nodev,noexec,nosuid,ro');
    });
  }

  clause('MNT-039 recursive flags alone leave the others of the source', async (box) => {
    expect(withoutTimes(await flags(box, { source: 'nosuid,nodev', options: ['rbind', 'rro'] }))).toBe('nodev,nosuid,ro');
  });

  clause('MNT-054 symfollow and nosymfollow', async (box) => {
    expect(withoutTimes(await flags(box, { source: 'nosymfollow', options: ['bind', 'symfollow'] }))).toBe('rw');
  });

  clause('MNT-054 nosymfollow is replaced as well', async (box) => {
    expect(withoutTimes(await flags(box, { source: 'nosymfollow,noexec', options: ['bind', 'nosuid'] }))).toBe('nosuid,rw');
  });

  for (const [source, option, found] of [
    ['noatime', 'relatime', 'relatime,rw'],
    ['noatime', 'strictatime', 'rw'],
    ['strictatime', 'noatime', 'noatime,rw'],
    ['noatime', 'ro', 'noatime,ro'],
    ['noatime,nodiratime', 'nosuid', 'noatime,nodiratime,nosuid,rw'],
    ['nodiratime', 'noatime', 'noatime,rw'],
    ['strictatime', 'nodiratime', 'nodiratime,relatime,rw'],
    ['nodiratime', 'diratime', 'relatime,rw'],
    ['noatime', 'atime', 'relatime,rw'],
  ] as const) {
    clause(`MNT-039 times: a source that is ${source} with ${option} is ${found}`, async (box) => {
      expect(await flags(box, { source, options: ['bind', option] })).toBe(found);
    });
  }

  clause('MNT-039 the filesystem of the host keeps its own', async (box) => {
    const bind = { source: everything, options: ['bind', 'rw'] };
    const bundle = bundleOf(box, bind);
    const script = `mount -t tmpfs -o ${everything} mark ${join(box.directory, 'source')} && "$@" && grep " ${join(box.directory, 'source')} " /proc/self/mountinfo`;
    const result = await box.run(bundle, { through: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'] });
    expect(result.ok().stdout.trim().split('\n').at(-1)).toMatch(/ ro,nosuid,nodev,noexec,/);
  });
});

function inUserNamespace(config: Config, bundle: Bundle): void {
  withUserNamespace(config);
  chownSync(bundle.rootfs, 100_000, 100_000);
}

describe('a user namespace of the container', () => {
  for (const [options, found] of [
    [['bind', 'ro'], 'nodev,noexec,nosuid,ro'],
    [['rbind', 'nosuid', 'nodev'], 'nodev,noexec,nosuid,ro'],
    [['bind'], 'nodev,noexec,nosuid,ro'],
  ] as const) {
    clause(`MNT-039 ${options.join()} in a user namespace keeps what the host has locked`, async (box) => {
      expect(withoutTimes(await flags(box, { source: everything, options, change: inUserNamespace }))).toBe(found);
    });
  }

  for (const [options, named] of [
    [['bind', 'rw'], 'ro'],
    [['bind', 'dev', 'suid'], 'nosuid,nodev'],
    [['bind', 'exec', 'ro'], 'noexec'],
  ] as const) {
    clause(`MNT-039 ${options.join()} in a user namespace cannot take away what the host has locked`, async (box) => {
      const bind = { source: everything, options, change: inUserNamespace };
      const result = await box.tryCreate(bundleOf(box, bind), { through: through(box, bind) });
      expect(result.status).toBe(1);
      if (box.kind === 'runts') {
        expect(result.stderr).toContain(`the source is mounted ${named}, and a user namespace has locked that`);
        expect(result.stderr).toContain('/mounts/6/options');
      }
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause('MNT-039 in a user namespace what the source does not have may be taken away', async (box) => {
    const options = ['bind', 'rw', 'dev', 'suid', 'nosuid'];
    expect(withoutTimes(await flags(box, { source: 'noexec', options, change: inUserNamespace }))).toBe('noexec,nosuid,rw');
  });
});

// The peers do not tell such a user namespace from the initial one and fail at its cgroups.
describe('a user namespace around the runtime', () => {
  const inside = ['/usr/bin/python3', join(import.meta.dirname, 'harness/full_map.py')];
  const bindOf = (...options: string[]): Bind => ({ source: 'nosuid,nodev,noexec', options: ['bind', ...options], inside });
  const needs = ['runts', '/usr/bin/python3'] as const;

  clause(
    'MNT-039 locked flags stay where others are asked for',
    async (box) => {
      expect(withoutTimes(await flags(box, bindOf('ro')))).toBe('nodev,noexec,nosuid,ro');
    },
    ...needs,
  );

  clause(
    'MNT-039 locked flags cannot be taken away',
    async (box) => {
      const bind = bindOf('suid', 'exec');
      const result = await box.tryCreate(bundleOf(box, bind), { through: through(box, bind) });
      expect(result.status).toBe(1);
      expect(result.stderr).toContain('the source is mounted nosuid,noexec, and a user namespace has locked that');
      expect(box.leftovers()).toEqual([]);
    },
    ...needs,
  );
});
