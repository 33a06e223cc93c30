import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from './commands.ts';
import type { Command } from './flag.ts';

const page = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');
const withJson = Object.entries(commands as Readonly<Record<string, Command>>).filter(([, { flags }]) =>
  flags.some(({ name, choices }) => name === 'format' && choices?.includes('json')),
);

test('every command with --format json is on the page about it', () => {
  expect(withJson.length).toBeGreaterThan(8);
  const table = page.slice(0, page.indexOf('\n## '));
  expect(withJson.map(([name]) => name).filter((name) => !new RegExp(`^\\|.*\`${name}[^\`]*--format json`, 'm').test(table))).toEqual([]);
});
