import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import type { Bundle } from '../harness/bundle.ts';
import { clause } from '../harness/clause.ts';
import { addCapabilities, type Config, dropNamespace, setNamespace, withUserNamespace } from '../harness/config.ts';
import { confine } from '../harness/confinement.ts';
import type { Container } from '../harness/container.ts';
import { findRuntime } from '../harness/suite.ts';
import { type Outcome, publish, type Rounds } from './verdict.ts';

// A root of a container does all it can to processes that appear in its pid namespace (CVE-2016-9962, CVE-2019-5736, CVE-2024-21626).

/** HUNTS=10000 is the long form. */
const COUNT = Number(process.env['HUNTS'] ?? (findRuntime().command.length > 1 ? 4 : 100));
const isLong = COUNT >= 1000;
if (isLong) vi.setConfig({ testTimeout: 60_000 + COUNT * 10_000 });

interface Hunt {
  /** Processes that were hidden, or ran something that is not the container's. */
  readonly met: number;
  readonly attempts: number;
  readonly own: number;
  readonly taken: readonly Taken[];
}

interface Taken {
  readonly way: string;
  readonly what: string;
}

type Allowed = (taken: Taken) => boolean;

const nothing: Allowed = () => false;

/** What one that may trace everything gets of the init program is nothing that it could use. */
const sealedProgram: Allowed = ({ way, what }) => ['readlink', 'maps', 'ptrace', 'sealed'].includes(way) && what.includes('memfd');

/** Every file by which a container could reach the runtime on the host. */
function programs(): string[] {
  const command = findRuntime().command;
  const beside = join(dirname(command.at(-1) ?? ''), 'runts.node');
  const addon = join(import.meta.dirname, '../../build/Release/runts.node');
  return [...command, beside, addon].filter((path) => existsSync(path));
}

const hashes = (): string[] => programs().map((path) => `${path} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`);

const quote = (words: readonly string[]): string => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

/** Does the command again and again while the container hunts. */
async function hunt(
  box: Box,
  title: string,
  hunter: Container,
  command: readonly string[],
  allowed: Allowed,
  rounds = COUNT,
): Promise<readonly Outcome[]> {
  const before = hashes();
  await hunter.prints(/hunting/);
  const words = [box.suite.probe, 'race', String(rounds), '1', '--', ...command];
  const { outcomes } = (await box.host(words, { timeout: 60_000 + COUNT * 10_000 })).ok().json<Rounds>();
  (await hunter.kill('TERM')).ok();
  const seen = JSON.parse(await hunter.prints(/^\{.*\}$/m)) as Hunt;
  publish({ hunt: title, rounds, ...seen }, isLong);
  expect(hashes()).toEqual(before);
  expect({ title, taken: seen.taken.filter((found) => !allowed(found)) }).toEqual({ title, taken: [] });
  if (isLong) expect(seen.met).toBeGreaterThan(rounds / 100);
  return outcomes;
}

/** Started where the runtime is confined, as root with the default capabilities unless `change` says otherwise. */
async function hunter(box: Box, change: (config: Config, bundle: Bundle) => void = () => {}): Promise<Container> {
  await confine(box);
  return box.started(
    box.bundle((config, bundle) => {
      config.process.args = ['probe', 'hunt'];
      change(config, bundle);
    }),
  );
}

const tracing = (config: Config): void => addCapabilities(config, 'CAP_SYS_PTRACE');

const allOk = (outcomes: readonly Outcome[], rounds = COUNT): void => expect(outcomes).toEqual([{ times: rounds, status: 0, output: '' }]);

/** A life takes six calls of the runtime. */
const LIVES = Math.ceil(COUNT / 4);

/** A whole life in one line of shell; none of its steps may fail. */
function life(box: Box, { id, directory }: Bundle): string[] {
  const steps = [
    ['create', '--bundle', directory, id],
    ['start', id],
    ['exec', id, 'true'],
    ['update', '--pids-limit', '50', id],
    ['kill', id, 'KILL'],
  ];
  const lines = steps.map((words) => quote(box.words(words)));
  return ['sh', '-c', `${[...lines, `${quote(box.words(['delete', '--force', id]))}`].join(' && ')}`];
}

describe('a root of a container that attacks all that it sees', () => {
  clause(
    'GEN-001 CVE-2016-9962 gets nothing of what exec makes',
    async (box) => {
      const container = await hunter(box);
      allOk(await hunt(box, 'exec', container, box.words(['exec', container.id, 'true']), nothing));
    },
    'probe',
    'runts',
  );

  clause(
    'GEN-001 CVE-2016-9962 gets no right and no file of the host of what exec makes, even if it may trace everything',
    async (box) => {
      const container = await hunter(box, tracing);
      allOk(await hunt(box, 'exec, CAP_SYS_PTRACE', container, box.words(['exec', container.id, 'true']), sealedProgram));
    },
    'probe',
    'runts',
  );

  clause(
    'GEN-001 CVE-2016-9962 gets nothing of what exec makes in a user namespace, where it has every right',
    async (box) => {
      const container = await hunter(box, (config) => {
        withUserNamespace(config);
        tracing(config);
      });
      allOk(await hunt(box, 'exec, user namespace, CAP_SYS_PTRACE', container, box.words(['exec', container.id, 'true']), sealedProgram));
    },
    'probe',
    'runts',
  );

  clause(
    'GEN-001 gets nothing of the life of a container that shares its pid namespace',
    async (box) => {
      const container = await hunter(box);
      const bundle = box.bundle((config) => setNamespace(config, 'pid', `/proc/${container.pid}/ns/pid`));
      allOk(await hunt(box, 'a life, shared pid namespace', container, life(box, bundle), nothing, LIVES), LIVES);
    },
    'probe',
    'runts',
  );

  clause(
    'GEN-001 gets nothing of the runtime and of the life of a container where all share the pid namespace of the host',
    async (box) => {
      // That of the confinement, so that nothing else is attacked.
      const container = await hunter(box, (config) => dropNamespace(config, 'pid'));
      const bundle = box.bundle((config) => dropNamespace(config, 'pid'));
      allOk(await hunt(box, 'a life, host pid namespace', container, life(box, bundle), nothing, LIVES), LIVES);
    },
    'probe',
    'runts',
  );

  for (const [name, program] of [
    ['/proc/self/exe', '/proc/self/exe'],
    ['a script of /proc/self/exe', '/data/script'],
  ] as const) {
    clause(
      `GEN-001 CVE-2019-5736 cannot overwrite the runtime that executes ${name}`,
      async (box) => {
        const shebang = '#!/proc/self/exe\n';
        const container = await hunter(box, (config, bundle) => {
          tracing(config);
          bundle.put('/data/script', shebang, 0o755);
        });
        const refused = await hunt(box, `exec ${name}`, container, box.words(['exec', container.id, program]), sealedProgram);
        expect(refused.filter(({ status }) => status === 0)).toEqual([]);
        const before = hashes();
        const bundle = box.bundle((config, made) => {
          made.put('/data/script', shebang, 0o755);
          config.process.args = [program];
        });
        expect((await box.run(bundle)).status).not.toBe(0);
        expect(hashes()).toEqual(before);
      },
      'probe',
      'runts',
    );
  }
});
