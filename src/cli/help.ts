import { commit, specVersion, version } from '../version.ts';
import { type CommandName, commands } from './commands.ts';
import { examples } from './examples.ts';
import { type Command, type Flag, groups } from './flag.ts';
import { globalFlags } from './flags.ts';
import { helpFlag, usageOf } from './parse.ts';

/** What --version prints: go-runc, Docker and Podman read these lines. */
export function versionText(): string {
  return `runts version ${version}\ncommit: ${commit}\nspec: ${specVersion}\n`;
}

function flagWords({ name, alias, value, type }: Flag): string {
  const argument = type === 'boolean' ? '' : ` ${value ?? 'VALUE'}`;
  return `--${name}${argument}${alias === undefined ? '' : `, -${alias}${argument}`}`;
}

/** What a flag does, and what it is unless it is given. */
export function flagDescription({ description, type, default: preset }: Flag): string {
  const shown = type !== 'boolean' && preset !== undefined && preset !== 0 && preset !== -1;
  return shown ? `${description} (default: ${preset})` : description;
}

/** Two columns: the left one as wide as its widest entry. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `   ${left.padEnd(width)}  ${right}\n`).join('');
}

function flagTable(flags: readonly Flag[]): string {
  return columns(flags.filter((flag) => !flag.hidden).map((flag) => [flagWords(flag), flagDescription(flag)]));
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `   ${line}\n`)
    .join('');
}

function topHelp(): string {
  const shown = Object.entries(commands as Record<string, Command>).filter(([, command]) => !command.hidden);
  const width = Math.max(...shown.map(([name]) => name.length));
  const lines = Object.entries(groups).flatMap(([group, title]) => [
    `${title}:`,
    ...shown.filter(([, command]) => command.group === group).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
  ]);
  return [
    `NAME:\n   runts - runs containers as the Open Container Initiative specifies them\n`,
    `USAGE:\n   ${usageOf()}\n`,
    `VERSION:\n${indented(versionText().trimEnd())}`,
    `COMMANDS:\n${indented([...lines, 'Help:', `  ${'help'.padEnd(width)}  show help, also of one command`].join('\n'))}`,
    `GLOBAL OPTIONS:\n${flagTable(globalFlags)}`,
  ].join('\n');
}

function commandHelp(name: CommandName): string {
  const { summary, description, positionals, flags }: Command = commands[name];
  const parts = [`NAME:\n   runts ${name} - ${summary}\n`, `USAGE:\n   ${usageOf(name)}\n`, `DESCRIPTION:\n${indented(description)}`];
  if (positionals.length > 0) {
    parts.push(`ARGUMENTS:\n${columns(positionals.map((each) => [each.name, each.description]))}`);
  }
  parts.push(`OPTIONS:\n${flagTable([...flags, helpFlag])}`);
  parts.push(`EXAMPLES:\n${examples[name].map(([line, words]) => indented(`${line}\n    ${words}`)).join('')}`);
  return parts.join('\n');
}

/** Help for one command, or for all. */
export function helpText(topic: CommandName | undefined): string {
  return topic === undefined ? topHelp() : commandHelp(topic);
}
