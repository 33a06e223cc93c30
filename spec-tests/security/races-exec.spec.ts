import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import type { Box } from '../harness/box.ts';
import { Canary } from '../harness/canary.ts';
import { clause } from '../harness/clause.ts';
import { confine } from '../harness/confinement.ts';
import { findRuntime } from '../harness/suite.ts';
import { judge, publish, type Rounds, sum } from './verdict.ts';

/** As of race.ts. */
const COUNT = Number(process.env['RACES'] ?? (findRuntime().command.length > 1 ? 6 : 100));
const SEED = Number(process.env['RACES_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

if (COUNT >= 1000) vi.setConfig({ testTimeout: 60_000 + COUNT * 10_000 });

/** What a symlink says that takes the place of the working directory, and what it must not lead to. */
const links: Readonly<Record<string, (canary: string) => string>> = {
  'a symlink to the host': (canary) => canary,
  'a symlink of many ..': (canary) => `${'../'.repeat(30)}${canary.slice(1)}`,
  'a magic link to a descriptor': () => '/proc/self/fd/7',
  'a magic link to the root of another process': () => '/proc/1/root',
};

async function enter(box: Box, title: string, target: (canary: string) => string): Promise<void> {
  await confine(box);
  const canary = new Canary(box.directory);
  const bundle = box.bundle((config) => {
    config.mounts.push({ destination: '/proof', type: 'proc', source: 'proof' });
  });
  const [x, y] = [join(bundle.rootfs, 'data/x'), join(bundle.rootfs, 'data/y')];
  mkdirSync(x);
  symlinkSync(target(canary.directory), y);
  const container = await box.started(bundle);
  const command = box.insideWords([
    'exec',
    '--cwd',
    '/data/x',
    container.id,
    'probe',
    'look',
    'cwd',
    'type',
    'secret',
    'type',
    canary.directory,
  ]);
  const words = ['race', String(COUNT), String(SEED), x, y, '--', ...command];
  const rounds = (await box.inside([box.suite.probe, ...words], { timeout: 60_000 + COUNT * 10_000 })).ok().json<Rounds>();
  const verdict = judge([{ first: /^\/data\/[xy] ENOENT ENOENT/, second: /magic link|no such file/ }], [rounds]);
  publish({ race: title, seed: SEED, ...verdict, faults: sum(verdict.faults) }, COUNT >= 1000);
  canary.check();
  expect({ seed: SEED, faults: verdict.faults }).toEqual({ seed: SEED, faults: [] });
}

describe('a working directory that is exchanged while exec enters it', () => {
  for (const [name, target] of Object.entries(links)) {
    const title = `CLI-046 CVE-2024-21626 lies in the container, or is refused, when ${name} takes its place`;
    clause(title, (box) => enter(box, title, target), 'probe', 'runts');
  }
});
