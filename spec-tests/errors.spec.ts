import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import type { Bundle } from './harness/bundle.ts';
import { clause } from './harness/clause.ts';
import { type Result, until } from './harness/command.ts';
import { type Config, set, withUserNamespace } from './harness/config.ts';

/** What the JSON log of runts holds besides level, msg and time. */
interface Problem {
  code?: string;
  pointer?: string;
  problems?: { pointer: string }[];
}

/** Creates and starts with a JSON log. @returns the call that failed, and what the log says */
async function failure(box: Box, bundle: Bundle): Promise<{ result: Result; problem: Problem }> {
  const log = join(box.directory, 'log.json');
  const global = ['--log', log, '--log-format', 'json'];
  let result = await box.tryCreate(bundle, { global, options: ['--pid-file', join(box.directory, 'pid')] });
  if (result.status === 0) result = await box.runtime(['start', bundle.id], { global });
  expect(result.status).not.toBe(0);
  // crun's entries have several lines.
  const entries = existsSync(log) ? readFileSync(log, 'utf8').split(/^(?=\{)/m) : [];
  return { result, problem: JSON.parse(entries.at(-1) || '{}') as Problem };
}

/** Nothing may be left: a container that create made before start failed is deleted first. */
async function nothingLeft(box: Box, bundle: Bundle): Promise<void> {
  await box.runtime(['delete', '--force', bundle.id]);
  await until('nothing is left', () => box.leftovers().length === 0);
}

interface Case {
  readonly title: string;
  readonly change: (config: Config, bundle: Bundle) => void;
  /** What the message must say. */
  readonly words?: RegExp;
  /** Where runts says it is. */
  readonly pointer?: string;
}

const cases: readonly Case[] = [
  {
    title: 'BND-002 a missing rootfs',
    change: (_, bundle) => rmSync(bundle.rootfs, { recursive: true }),
    words: /rootfs/,
    pointer: '/root/path',
  },
  {
    title: 'CFG-005 a rootfs that is a file',
    change: (config, bundle) => {
      writeFileSync(join(bundle.directory, 'file'), '');
      config.root.path = 'file';
    },
    words: /not a directory/i,
    pointer: '/root/path',
  },
  { title: 'CFG-003 a missing root', change: (config) => set(config, '/root', undefined), pointer: '/root' },
  { title: 'CFG-001 an ociVersion that is no text', change: (config) => set(config, '/ociVersion', 1), pointer: '/ociVersion' },
  { title: 'CFG-002 another major version', change: (config) => set(config, '/ociVersion', '2.0.0'), pointer: '/ociVersion' },
  { title: 'CFG-096 a number for cwd', change: (config) => set(config, '/process/cwd', 5), pointer: '/process/cwd' },
  { title: 'CFG-028 a relative cwd', change: (config) => set(config, '/process/cwd', 'tmp'), words: /absolute/i, pointer: '/process/cwd' },
  { title: 'CFG-028 an empty cwd', change: (config) => set(config, '/process/cwd', ''), pointer: '/process/cwd' },
  {
    title: 'CFG-028 a cwd that is a file',
    change: (config) => {
      config.process.cwd = '/etc/passwd';
    },
    words: /not a directory/i,
    pointer: '/process/cwd',
  },
  { title: 'CFG-030 no arguments', change: (config) => set(config, '/process/args', []), words: /args/, pointer: '/process/args' },
  {
    title: 'CFG-096 arguments that are no strings',
    change: (config) => set(config, '/process/args', ['x', 1]),
    pointer: '/process/args/1',
  },
  { title: 'CFG-096 a text for a list', change: (config) => set(config, '/mounts', 'none'), pointer: '/mounts' },
  { title: 'CFG-096 a negative uid', change: (config) => set(config, '/process/user/uid', -1), pointer: '/process/user/uid' },
  { title: 'CFG-096 a uid that does not fit', change: (config) => set(config, '/process/user/uid', 2 ** 33), pointer: '/process/user/uid' },
  {
    title: 'CFG-009 a mount without destination',
    change: (config) => set(config, '/mounts/0/destination', undefined),
    pointer: '/mounts/0/destination',
  },
  {
    title: 'CFG-014 a mount of an unknown type',
    change: (config) => config.mounts.push({ destination: '/data', type: 'nosuchfs', source: 'x' }),
    words: /no such device/i,
    pointer: '/mounts/6',
  },
  {
    title: 'CFG-012 a bind source that does not exist',
    change: (config) => config.mounts.push({ destination: '/data', source: '/no/such', options: ['bind'] }),
    words: /no such file or directory/i,
    pointer: '/mounts/6/source',
  },
  {
    title: 'ENG-003 a program that does not exist',
    change: (config) => set(config, '/process/args', ['/no/such/program']),
    words: /no such file or directory/i,
    pointer: '/process/args/0',
  },
  {
    title: 'ENG-003 a program that is not in PATH',
    change: (config) => set(config, '/process/args', ['nosuch']),
    words: /executable file (`nosuch` )?not found/i,
    pointer: '/process/args/0',
  },
  {
    title: 'ENG-003 a program that is not executable',
    change: (config) => set(config, '/process/args', ['/etc/passwd']),
    words: /permission denied/i,
    pointer: '/process/args/0',
  },
  {
    title: 'CFG-065 an unmapped user',
    change: (config) => {
      withUserNamespace(config);
      config.process.user.uid = 99_999;
    },
    words: /invalid argument|mapped|mapping/i,
    pointer: '/process/user/uid',
  },
  {
    title: 'CFG-068 an unmapped additional group',
    change: (config) => {
      withUserNamespace(config);
      config.process.user.additionalGids = [99_999];
    },
    pointer: '/process/user/additionalGids/0',
  },
  {
    title: 'LNX-023 a mapping of size 0',
    change: (config) => {
      withUserNamespace(config);
      set(config, '/linux/uidMappings/0/size', 0);
    },
    pointer: '/linux/uidMappings/0/size',
  },
  {
    title: 'LNX-064 a cgroup that cannot be made',
    // The name of a control file is taken.
    change: (config) => set(config, '/linux/cgroupsPath', '/cgroup.procs/x'),
    words: /cgroup/,
    pointer: '/linux/cgroupsPath',
  },
  { title: 'CFG-088 annotations of the wrong type', change: (config) => set(config, '/annotations', ['x']), pointer: '/annotations' },
  { title: 'CFG-090 an annotation that is no text', change: (config) => set(config, '/annotations', { a: 1 }), pointer: '/annotations/a' },
  {
    title: 'ENG-014 an environment entry without =',
    change: (config) => set(config, '/process/env/1', 'NOEQUALS'),
    words: /^(?!.*NOEQUALS)/s,
    pointer: '/process/env/1',
  },
];

describe('bad input leaves nothing', () => {
  for (const { title, change, words, pointer } of cases) {
    clause(`${title} is an error that leaves nothing`, async (box) => {
      const bundle = box.bundle(change);
      const { result } = await failure(box, bundle);
      if (words !== undefined) expect(result.stderr).toMatch(words);
      if ((await box.runtime(['state', bundle.id])).status !== 0) expect(existsSync(join(box.directory, 'pid'))).toBe(false);
      await nothingLeft(box, bundle);
    });

    if (pointer === undefined) continue;
    clause(
      `CLI-004 ${title.slice(8)} has a code and points to ${pointer}`,
      async (box) => {
        const { problem } = await failure(box, box.bundle(change));
        expect(problem.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
        const pointers = [problem.pointer, ...(problem.problems ?? []).map((one) => one.pointer)];
        expect(pointers).toContain(pointer);
      },
      'runts',
    );
  }

  const texts: Record<string, string | Uint8Array> = {
    'an empty file': '',
    'JSON that is cut off': '{"ociVersion": "1.0.2", "process": {',
    'JSON with something after it': '{} x',
    'an array': '[]',
    null: 'null',
    'bytes that are no UTF-8': Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  };
  for (const [what, text] of Object.entries(texts)) {
    clause(`GLO-001 ${what} for config.json is an error that leaves nothing`, async (box) => {
      const bundle = box.bundle();
      bundle.writeText(text);
      expect((await box.tryCreate(bundle)).status).not.toBe(0);
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause('BND-001 a bundle without config.json is an error that leaves nothing', async (box) => {
    const empty = join(box.directory, 'empty');
    mkdirSync(empty);
    const result = await box.runtime(['create', '--bundle', empty, box.id()]);
    expect(result.status).not.toBe(0);
    expect(result.stderr).toMatch(/config\.json/);
    expect(box.leftovers()).toEqual([]);
  });

  clause('BND-001 a bundle that does not exist is an error that leaves nothing', async (box) => {
    const result = await box.runtime(['create', '--bundle', join(box.directory, 'nowhere'), box.id()]);
    expect(result.status).not.toBe(0);
    expect(result.stderr).toMatch(/no such file or directory/i);
    expect(box.leftovers()).toEqual([]);
  });

  clause('RT-039 an id that is taken has the words engines know', async (box) => {
    const container = await box.create(box.bundle());
    expect((await box.tryCreate(container.bundle)).stderr).toMatch(/container with given ID already exists|already exists/);
  });

  clause('CLI-010 a failed create has status 1', async (box) => {
    const bundle = box.bundle((config) => set(config, '/process/args', ['/no/such/program']));
    expect((await failure(box, bundle)).result.status).toBe(1);
    expect((await box.run(box.bundle((config) => set(config, '/root/path', 'nowhere')))).status).toBe(1);
  });

  clause(
    'CFG-096 all problems are told at once, each with its pointer',
    async (box) => {
      const bundle = box.bundle((config) => {
        set(config, '/process/cwd', 5);
        set(config, '/process/args', []);
        set(config, '/linux/namespaces/0/type', 'nosuch');
      });
      const { problem } = await failure(box, bundle);
      const pointers = (problem.problems ?? []).map((one) => one.pointer);
      expect(pointers).toEqual(expect.arrayContaining(['/process/cwd', '/process/args', '/linux/namespaces/0/type']));
    },
    'runts',
  );
});
