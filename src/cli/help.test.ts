import { describe, expect, test } from 'vitest';
import { type CommandName, commands } from './commands.ts';
import { examples } from './examples.ts';
import type { Command, Flag } from './flag.ts';
import { globalFlags } from './flags.ts';
import { helpText, versionText } from './help.ts';
import { parseCommandLine } from './parse.ts';

const all = Object.entries(commands as Record<string, Command>);

test('the version, in the words that engines read', () => {
  expect(versionText()).toMatch(/^runts version \d+\.\d+\.\d+\ncommit: \S+\nspec: 1\.3\.0\n$/);
});

test('the first page names every command and global flag', () => {
  const text = helpText(undefined);
  for (const [name] of all) expect(text).toContain(`\n     ${name} `);
  for (const flag of globalFlags as readonly Flag[]) expect(text.includes(`--${flag.name}`), flag.name).toBe(!flag.hidden);
});

describe('every command', () => {
  test.each(all)('%s', (name, command) => {
    const text = helpText(name as CommandName);
    expect(text).toMatch(new RegExp(`^NAME:\\n   runts ${name} - `));
    for (const flag of command.flags) expect(text.includes(`--${flag.name}`), flag.name).toBe(!flag.hidden);
  });

  test.each(all)('%s: the table is sound', (_name, { flags, summary }) => {
    const spellings = flags.flatMap(({ name, alias }) => [name, ...(alias === undefined ? [] : [alias])]);
    expect(new Set([...spellings, 'help', 'h']).size).toBe(spellings.length + 2);
    expect(summary).not.toMatch(/^[A-Z]|\.$/);
  });
});

test.each(Object.entries(examples))('the examples of %s are command lines that are understood', (name, lines) => {
  for (const [line] of lines) {
    const words = line
      .replace(/ [|<>] .*/, '')
      .split(' ')
      .slice(1);
    expect(parseCommandLine(words)).toMatchObject({ kind: 'call', command: name });
  }
});

test('the commands of each kind stand together', () => {
  const headings = [...helpText(undefined).matchAll(/^ {3}(\S.*):$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(['Lifecycle', 'Inspection', 'Bundles and checks', 'Help']);
});

test('one page', () => {
  expect(helpText('kill')).toMatchInlineSnapshot(`
    "NAME:
       runts kill - send a signal to the first process of a container

    USAGE:
       runts kill <container-id> [signal]

    DESCRIPTION:
       A signal is a name (TERM, SIGTERM, RTMIN+3; any case) or a number. Without one: SIGTERM.

    ARGUMENTS:
       container-id  name of the container, unique below --root
       signal        name or number; default SIGTERM

    OPTIONS:
       --help, -h  show help

    EXAMPLES:
       runts kill web
           ask the program to end
       runts kill web KILL
           have the kernel end it
    "
  `);
});
