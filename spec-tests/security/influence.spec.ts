import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { clause } from '../harness/clause.ts';
import { findRuntime } from '../harness/suite.ts';

/** What the caller has about it, and has no effect on what a container is (docs/threat-model.md, "What influences runts"). */
const influences: Readonly<Record<string, (directory: string) => Readonly<Record<string, string>>>> = {
  'the dynamic linker': (directory) =>
    findRuntime().command.length > 1 ? {} : { LD_PRELOAD: `${directory}/x.so`, LD_LIBRARY_PATH: directory, LD_AUDIT: `${directory}/x.so` },
  'an engine': (directory) =>
    findRuntime().command.length > 1
      ? { NODE_PATH: directory }
      : { NODE_OPTIONS: `--require ${directory}/x.js`, NODE_PATH: directory, BUN_OPTIONS: '--bogus' },
  'temporary files and homes': () => ({
    TMPDIR: '/nowhere',
    TMP: '/nowhere',
    HOME: '/nowhere',
    XDG_CONFIG_HOME: '/nowhere',
    XDG_RUNTIME_DIR: '/nowhere',
  }),
  'language and time': () => ({ LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati', LANGUAGE: 'tr' }),
  'a shell': () => ({ IFS: '/', ENV: '/nowhere', BASH_ENV: '/nowhere', PATH: '/nowhere', COLUMNS: '1' }),
};

const look =
  'env | grep -v "^SPEC_" | sort; umask; id; pwd; grep -E "^(Cap|NoNewPrivs|Seccomp|SigIgn|SigBlk)" /proc/self/status; hostname; ulimit -n';

describe('what surrounds the caller', () => {
  for (const [what, variables] of Object.entries(influences)) {
    clause(
      `SEC-003 what configures ${what} changes nothing of a container`,
      async (box) => {
        const said: string[] = [];
        for (const env of [{}, variables(box.directory)]) {
          const bundle = box.bundle((config) => {
            config.process.args = ['sh', '-c', look];
          });
          said.push((await box.run(bundle, { env })).ok().stdout);
        }
        expect(said[1]).toBe(said[0]);
      },
      'runts',
    );
  }

  clause(
    'SEC-003 files of the working directory and of the bundle, umask and signals change nothing of a container',
    async (box) => {
      const through = [box.suite.probe, 'launch', 'umask=0', 'ignore=13', 'block=15', '--'];
      const said: string[] = [];
      for (const hostile of [false, true]) {
        const bundle = box.bundle((config, made) => {
          config.process.args = ['sh', '-c', look];
          if (!hostile) return;
          for (const name of ['package.json', '.env', 'bunfig.toml', 'node_modules/fs/index.js', 'main.js', 'runts.json'])
            made.put(`../${name}`, '{"type":');
        });
        said.push((await box.run(bundle, hostile ? { cwd: bundle.directory, through } : {})).ok().stdout);
      }
      expect(said[1]).toBe(said[0]);
    },
    'runts',
    'probe',
  );
});

/** Node takes a hundred times as long to start as a command takes. */
const some = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => findRuntime().command.length === 1 || index % 6 === 1);

const refusedIds = [
  ...['', '.', '..', '../beside', 'a/b', '/a', 'a/', 'a/..', '~a', ' ', 'a b', 'a\nb', 'a\tb', 'a\\b', 'a'.repeat(256), 'a'.repeat(1025)],
  // Letters, but not those that look alike whatever reads them.
  ...['ü', 'e\u0301', '\u0430', 'a\u202eb', '\u{1f600}', '١'],
  ...['%2e%2e', 'a%b', '%', 'a:b', 'a@b', '*', '$(id)', '`id`', '"', "'", 'a=b', 'a,b'],
];

/** Names that are odd, and nothing but names. */
const oddIds = (tag: string): string[] => [
  ...[`-${tag}`, `--${tag}`, `.${tag}`, `..${tag}`, `${tag}.`, `+${tag}`, `_${tag}`, tag.padEnd(255, 'x')],
  // Another container each, also where file names or keys are not told apart by case, or belong to every object.
  ...[`${tag}-id`, `${tag}-ID`, `${tag}-Id`, '__proto__', 'constructor', 'toString'],
];

describe('the state of containers', () => {
  clause(
    'SEC-004 is its owner’s, whatever the umask: nobody else lists the root, or gets into what is there of a container',
    async (box) => {
      const root = join(box.directory, 'new/root');
      const bundle = box.bundle();
      const through = [box.suite.probe, 'launch', 'umask=0', '--'];
      const call = (...args: string[]) => box.runtime(['--root', root, ...args], { through });
      (await call('create', '--bundle', bundle.directory, bundle.id)).ok();
      const modes = [root, join(root, bundle.id)].map((path) => (statSync(path).mode & 0o77).toString(8));
      expect(modes).toEqual(['11', '0']);
      (await call('delete', '--force', bundle.id)).ok();
    },
    'runts',
    'probe',
  );

  clause(
    'SEC-004 has names that are letters, digits and a few signs',
    async (box) => {
      const bundle = box.bundle();
      const beside = join(box.directory, 'beside');
      mkdirSync(beside);
      writeFileSync(join(beside, 'file'), '');
      chmodSync(beside, 0o777);
      for (const id of some(refusedIds)) {
        const { status, stderr } = await box.runtime(['create', '--bundle', bundle.directory, '--', id]);
        expect({ id, status, said: /id/.test(stderr) }).toEqual({ id, status: 1, said: true });
      }
      expect(existsSync(join(beside, 'file'))).toBe(true);
      expect(readdirSync(box.stateRoot).filter((name) => !name.startsWith('~'))).toEqual([]);
    },
    'runts',
  );

  clause(
    'SEC-004 CLI-013 an odd name is that of one container, which every command finds by it, and no other by any other',
    async (box) => {
      const ids = some(oddIds(box.suite.tag));
      const call = async (...words: string[]) => (await box.runtime(words)).ok().stdout;
      try {
        for (const id of ids) await call('create', '--bundle', box.bundle().directory, '--', id);
        const listed = (JSON.parse(await call('list', '--format', 'json')) as { id: string }[]).map((container) => container.id);
        expect(listed.sort()).toEqual([...ids].sort());
        const pids = new Set<number>();
        for (const id of ids) {
          const state = JSON.parse(await call('state', '--', id)) as { id: string; pid: number };
          expect(state.id).toBe(id);
          pids.add(state.pid);
        }
        expect(pids.size).toBe(ids.length);
      } finally {
        for (const id of ids) await box.runtime(['delete', '--force', '--', id]);
      }
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );
});
