import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Block, blocks, consoleLines } from '../../scripts/documents.ts';
import type { Box } from './box.ts';
import { freePort } from './free-port.ts';
import { mergePatch } from './merge-patch.ts';
import { putRuntime } from './runtime-program.ts';
import { projectRoot, slowness } from './suite.ts';

/** Columns are as wide as their longest word, which an id of the test may be. */
const even = (text: string): string => text.replaceAll(/ {2,}/g, '  ').trimEnd();

/** What a page shows; on a line of its own `…` is any lines or none, within one any words. */
function pattern(shown: string): RegExp {
  const escaped = even(shown).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const lines = escaped.split('\n').map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${line.replaceAll('…', '.*')}\\n`));
  return new RegExp(`^${lines.join('')}$`);
}

/**
 * Does what a guide says, in its order: files are written, properties changed, commands executed by sh; each has to print what is shown, and nothing where
 * nothing is shown. The standard streams are one, as on a terminal.
 * @param name of the page in docs/guides/
 * @param ids of the page's containers: words that stand for nothing else. The test has others in their place
 * @param ports that servers of the page listen on, likewise
 * @param path folders of programs, besides those of the caller
 * @param caller who executes them, if it is not the caller of the tests: words in front of a command, and his id. The directory is his
 */
export async function walk(box: Box, name: string, { ids, ports = [], path = [], caller }: Surroundings): Promise<void> {
  const directory = join(box.directory, 'guide');
  mkdirSync(directory);
  if (caller) for (const path of [directory, box.stateRoot]) chownSync(path, caller.uid, caller.uid);
  putRuntime(box, box.words([]));
  const names = new Map(ids.map((id) => [id, box.id()]));
  for (const port of ports) names.set(port, String(await freePort()));
  const named = (text: string) => text.replaceAll(/\b[a-z0-9]+\b/g, (word) => names.get(word) ?? word);
  const env = { PATH: [box.directory, ...path, process.env['PATH']].join(':'), HOME: box.directory, LC_ALL: 'C' };
  let status = 0;
  for (const block of guideBlocks(name)) {
    if (block.tested !== undefined) write(directory, { ...block, text: named(block.text), tested: named(block.tested) });
    else if (block.language === 'console')
      for (const { command, output } of consoleLines(block.text)) {
        const script = `exec 2>&1; (exit ${status}); ${named(command)}`;
        const result = await box.host([...(caller?.words ?? []), 'sh', '-c', script], { cwd: directory, env, timeout: 50_000 * slowness });
        status = result.status;
        expect(`${even(result.stdout)}\n`.replace(/^\n$/, ''), `$ ${command}`).toMatch(output === '' ? /^$/ : pattern(named(output)));
      }
  }
}

export interface Surroundings {
  readonly ids: readonly string[];
  readonly ports?: readonly string[];
  readonly path?: readonly string[];
  readonly caller?: { readonly words: readonly string[]; readonly uid: number };
}

export const guideBlocks = (name: string): Block[] => blocks(readFileSync(join(projectRoot, 'docs/guides', `${name}.md`), 'utf8'));

/** `<!-- tested: write PATH -->` or `change PATH`. */
function write(directory: string, { tested = '', text }: Block): void {
  const [what, file = ''] = tested.split(' ');
  const path = join(directory, file);
  if (what === 'write') writeFileSync(path, text);
  else writeFileSync(path, JSON.stringify(mergePatch(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(text) as object), undefined, 2));
}
