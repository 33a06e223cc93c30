import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
import { clause as anyRuntime } from './harness/clause.ts';
import { type Config, set } from './harness/config.ts';
import { projectRoot } from './harness/suite.ts';

const clause = (title: string, body: (box: Box) => Promise<void>): void => anyRuntime(title, body, 'runts');

const page = readFileSync(join(projectRoot, 'docs/json.md'), 'utf8');

/** The members that a chapter of docs/json.md names; with a question mark: may be absent. */
function documented(chapter: string): { readonly all: string[]; readonly always: string[] } {
  const text = page.split('\n## ').find((part) => part.startsWith(`${chapter}\n`)) ?? '';
  const cells = [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`(\??)/g)]);
  return { all: cells.map(([, name = '']) => name), always: cells.flatMap(([, name = '', mark]) => (mark === '' ? name : [])) };
}

interface Case {
  readonly chapter: string;
  readonly args: (id: string, bundle: string) => readonly string[];
}

const cases: readonly Case[] = [
  { chapter: 'state, list', args: (id) => ['state', id] },
  { chapter: 'state, list', args: () => ['list', '--format', 'json'] },
  { chapter: 'plan', args: (_, bundle) => ['plan', '--format', 'json', bundle] },
  { chapter: 'validate', args: (_, bundle) => ['validate', '--format', 'json', bundle] },
  { chapter: 'seccomp explain', args: (_, bundle) => ['seccomp', 'explain', '--format', 'json', bundle, 'kill'] },
  { chapter: 'seccomp dump', args: (_, bundle) => ['seccomp', 'dump', '--format', 'json', bundle] },
  { chapter: 'seccomp compare', args: (_, bundle) => ['seccomp', 'compare', '--format', 'json', bundle, bundle] },
  { chapter: 'doctor', args: (_, bundle) => ['doctor', '--format', 'json', bundle] },
  { chapter: 'stats, top', args: () => ['stats', '--no-stream', '--interval', '100ms', '--format', 'json'] },
  { chapter: 'stats, top', args: () => ['top', '--rounds', '1', '--interval', '100ms', '--format', 'json'] },
];

/** With something to tell of in each. */
function change(config: Config): void {
  set(config, '/linux/rootfsPropagtion', 'slave');
  config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['kill'], action: 'SCMP_ACT_ERRNO' }] };
}

describe('docs/json.md', () => {
  for (const { chapter, args } of cases) {
    clause(`CLI-008 has every member of what ${args('ID', 'BUNDLE')[0]} prints, and no others (${chapter})`, async (box) => {
      const bundle = box.bundle(change);
      await box.create(bundle);
      const printed = (await box.runtime(args(bundle.id, bundle.directory))).ok().json<unknown>();
      const objects = (Array.isArray(printed) ? printed : [printed]) as object[];
      expect(objects.length).toBeGreaterThan(0);
      const { all, always } = documented(chapter);
      for (const object of objects) {
        expect(Object.keys(object).filter((name) => !all.includes(name))).toEqual([]);
        expect(always.filter((name) => !Object.hasOwn(object, name))).toEqual([]);
      }
    });
  }
});
