// The manual: a page for runts, one for each command, and one for config.json.

import type { CommandName } from '../../src/cli/commands.ts';
import { examples } from '../../src/cli/examples.ts';
import { groups } from '../../src/cli/flag.ts';
import { flagDescription } from '../../src/cli/help.ts';
import { usageOf } from '../../src/cli/parse.ts';
import { version } from '../../src/version.ts';
import { configPage } from './config.ts';
import { bold, italic, item, type Page, page, paragraph, reference, section, subsection, text, typed } from './roff.ts';
import { globals, notice, type ShownCommand, type ShownFlag, shownCommands, takesValue } from './table.ts';

const source = `runts ${version}`;

function flagName(flag: ShownFlag): string {
  const value = takesValue(flag) ? ` ${italic(flag.value ?? 'VALUE')}` : '';
  const short = flag.alias === undefined ? '' : `${bold(`-${flag.alias}`)}${value}, `;
  return `${short}${bold(`--${flag.name}`)}${value}`;
}

const flagItem = (flag: ShownFlag): string[] => item(flagName(flag), `${text(flagDescription(flag))}.`);

const environment = [
  ...item(bold('RUNTS_TRACE'), `A file, as for ${bold('--trace')}.`),
  ...item(bold('RUNTS_STRICT'), `1, as for ${bold('--strict')}.`),
  ...item(bold('TRACEPARENT'), 'The trace (W3C) that the one of this command, and what hooks do, belong to.'),
  ...item(bold('XDG_RUNTIME_DIR'), 'Of a user without privileges: where the state of his containers is kept, in a directory runts.'),
  ...item(bold('NOTIFY_SOCKET'), `The socket of ${reference('sd_notify', 3)}, which is handed to the container.`),
  ...item(
    `${bold('LISTEN_FDS')}, ${bold('LISTEN_PID')}`,
    `Descriptors of ${reference('sd_listen_fds', 3)}, which are handed to the container.`,
  ),
  ...item(bold('NO_COLOR'), 'No colours, also on a terminal.'),
  ...item(bold('CLICOLOR_FORCE'), 'Colours, also where there is no terminal.'),
];

const files = [
  ...item(italic('/run/runts'), `The state of containers, unless ${bold('--root')} names another directory.`),
  ...item(`${italic('BUNDLE')}/config.json`, `What a container is: ${reference('runts-config', 5)}.`),
  ...item(`${italic('BUNDLE')}/rootfs`, 'Its root filesystem, unless config.json names another.'),
  ...item(italic('/etc/criu/runc.conf'), `Options for ${reference('criu', 8)} that outweigh the flags.`),
];

const statuses: Readonly<Partial<Record<CommandName, string>>> = {
  run: `That of the program; 128+${'n'} when signal n killed it. 0 with ${bold('--detach')}. 1 when runts failed.`,
  restore: `That of the program; 128+${'n'} when signal n killed it. 0 with ${bold('--detach')}. 1 when runts failed.`,
  exec: `That of the program; 128+${'n'} when signal n killed it. 0 with ${bold('--detach')}. 255 when runts failed.`,
  doctor: '0 when containers can be made here, and that of the bundle; 1 when something is missing.',
  validate: '0 when there is no error, 1 when there is one.',
};

function overview(): Page {
  const lists = Object.entries(groups).flatMap(([group, title]) => [
    ...subsection(title),
    ...shownCommands
      .filter(({ command }) => command.group === group)
      .flatMap(({ name, command }) => item(reference(`runts-${name}`, 8), `${text(command.summary)}.`)),
  ]);
  return page('runts', 8, source, notice, [
    ...section('Name', `runts \\- run containers as the Open Container Initiative specifies them`),
    ...section(
      'Synopsis',
      `${bold('runts')} [${italic('global options')}] ${italic('command')} [${italic('options')}] [${italic('arguments')}]`,
    ),
    ...section(
      'Description',
      `A bundle is a directory with a ${reference('runts-config', 5)} and a root filesystem. runts makes an isolated process of it:`,
      'a container, known by its id until it is deleted. Engines call it by themselves; by hand, the shortest way is',
      ...typed('runts spec --bundle web', 'runts run --bundle web web'),
    ),
    ...section('Commands', ...lists),
    ...section('Global options', 'They stand before the command.', ...globals.flatMap(flagItem)),
    ...section(
      'Exit status',
      '0, or 1 when the command failed; others are named by the page of the command. 3 when there is no such command.',
    ),
    ...section('Environment', ...environment),
    ...section('Files', ...files),
    ...section(
      'Errors',
      `A message says what failed, ${bold('at')} which property of config.json (a JSON pointer), and has a ${bold('hint')} where there is a cure.`,
      `With ${bold('--log-format json')} it has a permanent ${bold('code')} as well.`,
    ),
    ...section(
      'See also',
      [reference('runts-config', 5), reference('criu', 8), reference('namespaces', 7), reference('cgroups', 7)].join(',\n'),
    ),
  ]);
}

function commandPage({ name, command, flags, args }: ShownCommand): Page {
  const lines = examples[name as CommandName];
  const neighbours = shownCommands.filter((other) => other.command.group === command.group && other.name !== name);
  return page(`runts-${name}`, 8, source, notice, [
    ...section('Name', `runts\\-${text(name)} \\- ${text(command.summary)}`),
    ...section('Synopsis', text(usageOf(name as CommandName)).replace(`runts ${text(name)}`, bold(`runts ${name}`))),
    ...section('Description', text(command.description)),
    ...(args.length === 0 ? [] : section('Arguments', ...args.flatMap((each) => item(italic(each.name), `${text(each.description)}.`)))),
    ...section('Options', ...flags.flatMap(flagItem), ...paragraph(`Those that stand before the command: ${reference('runts', 8)}.`)),
    ...section('Exit status', statuses[name as CommandName] ?? '0, or 1 when it failed.'),
    ...section(
      'Examples',
      ...lines.flatMap(([line, words]) => [...paragraph(`${text(words[0]?.toUpperCase() + words.slice(1))}:`), ...typed(line)]),
    ),
    ...section('See also', [reference('runts', 8), ...neighbours.map((other) => reference(`runts-${other.name}`, 8))].join(',\n')),
  ]);
}

/** All pages. */
export const manualPages = (): Page[] => [overview(), ...shownCommands.map(commandPage), configPage(source, notice)];
