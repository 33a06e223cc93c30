// The walk of docs/checkpoint.md, word for word.
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { blocks, consoleLines } from '../scripts/documents.ts';
import type { Box } from './harness/box.ts';
import { clause } from './harness/clause.ts';
import { withCriu } from './harness/criu.ts';
import { putRuntime } from './harness/runtime-program.ts';

const page = blocks(readFileSync(join(import.meta.dirname, '../docs/checkpoint.md'), 'utf8'));

function block(name: string): string {
  const found = page.find(({ tested }) => tested === name);
  if (!found) throw new Error(`docs/checkpoint.md has no block ${name}`);
  return found.text;
}

/** A directory with what the page takes for granted. @returns what carries out the commands of a block */
function walker(box: Box): (name: string) => Promise<void> {
  const bundle = box.bundle((config) => {
    config.process.args = JSON.parse(block('args'));
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
  });
  symlinkSync(bundle.directory, join(box.directory, 'counter'));
  putRuntime(box, box.words([]));
  const ids = { one: box.id(), two: box.id() };
  const named = (text: string) => text.replace(/\b(one|two)\b/g, (name) => ids[name as keyof typeof ids]);
  const copy = join(box.directory, 'elsewhere/config.json');
  const env = { PATH: `${box.directory}:${withCriu().env.PATH}` };
  return async (name) => {
    for (const { command, output } of consoleLines(block(name))) {
      const result = await box.host(['sh', '-c', named(command)], { env });
      expect({ status: result.status, output: result.stdout.trimEnd(), errors: result.stderr }, command).toEqual({
        status: 0,
        output: named(output),
        errors: '',
      });
      // The place of the cgroups is the test's, by which it finds them.
      if (existsSync(copy))
        writeFileSync(copy, readFileSync(copy, 'utf8').replace(/"cgroupsPath": "[^"]*"/, `"cgroupsPath": "/${ids.two}"`));
    }
  };
}

describe('docs/checkpoint.md', () => {
  clause(
    'CLI-094 CLI-098 CLI-112 its walk: saved, restored, and restored beside itself in another place',
    async (box) => {
      const walk = walker(box);
      for (const name of ['save', 'restore', 'copy']) await walk(name);
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    'runts',
  );

  clause(
    'CLI-097 CLI-108 its walk: saved in two goes',
    async (box) => {
      const check = await box.host(['criu', 'check', '--feature', 'mem_dirty_track'], withCriu());
      if (check.status !== 0) return console.log(`skipped: ${check.stdout}${check.stderr}`);
      await walker(box)('parent');
      expect(box.leftovers()).toEqual([]);
    },
    'CRIU',
    'runts',
  );
});
