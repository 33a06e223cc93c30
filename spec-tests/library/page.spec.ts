// The programs of docs/library.md and examples/, word for word; only where all is emulated do they have more time.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { blocks } from '../../scripts/documents.ts';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { slowness } from '../harness/suite.ts';
import { libraryFile } from './library.ts';

const root = join(import.meta.dirname, '../..');
const page = blocks(readFileSync(join(root, 'docs/library.md'), 'utf8'));

/** What a program prints, with its places in the box. */
async function output(box: Box, text: string, args: readonly string[] = []): Promise<string> {
  const file = join(box.directory, 'program.mjs');
  const places = { "'runts'": `'${libraryFile}'`, "'/run/": `'${box.directory}/run/`, "'/var/": `'${box.directory}/var/` };
  const patient = text.replaceAll(/(?<=timeout: )[\d_]+/g, (time) => String(Number(time.replaceAll('_', '')) * slowness));
  writeFileSync(
    file,
    Object.entries(places).reduce((program, [from, to]) => program.replaceAll(from, to), patient),
  );
  const result = await box.host(['node', file, ...args]);
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
  return result.stdout;
}

describe('docs/library.md', () => {
  for (const [name, printed] of Object.entries({
    run: '3 exit given wrong\n\n',
    container: 'inside running\nhello world\n5\nEXEC_NOT_FOUND\n',
    sandbox: 'memory\noutput\ntimeout\npids\n',
  })) {
    clause(
      `LIB-060 its program ${name}`,
      async (box) => {
        expect(await output(box, page.find(({ tested }) => tested === name)?.text ?? '')).toBe(printed);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }

  clause(
    'LIB-061 the example of code that nobody trusts',
    async (box) => {
      const file = join(box.directory, 'job.py');
      writeFileSync(file, 'import os\nprint(os.getuid(), os.listdir("/tmp"))\nraise SystemExit(4)\n');
      const printed = await output(box, readFileSync(join(root, 'examples/untrusted-code.js'), 'utf8'), [file]);
      expect(printed).toContain('1000 []\n');
      expect(printed).toMatch(/\{ reason: 'exit', exitCode: 4, milliseconds: \d+, bytes: \d+ \}/);
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
    '/usr/bin/python3',
  );
});
