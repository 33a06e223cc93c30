import { RuntimeError } from '../errors.ts';
import { lookup } from '../lookup.ts';
import { didYouMean } from '../spec/suggest.ts';
import { type CommandName, type CommandValues, commands, type GlobalValues, isCommand } from './commands.ts';
import type { Command, Flag, FlagValue } from './flag.ts';
import { globalFlags } from './flags.ts';

/** A command line that was understood. */
export type CommandLine =
  | { readonly kind: 'help'; readonly topic: CommandName | undefined }
  | { readonly kind: 'version' }
  | { readonly [C in CommandName]: Call<C> }[CommandName];

/** A command with its flags and arguments; defaults are filled in. */
export interface Call<C extends CommandName> {
  readonly kind: 'call';
  readonly global: GlobalValues;
  readonly command: C;
  readonly flags: CommandValues<C>;
  readonly args: readonly string[];
}

/** Flags as they were given, and what is not a flag. */
interface Scan {
  readonly values: Record<string, FlagValue>;
  readonly rest: readonly string[];
}

/** Of every command. */
export const helpFlag: Flag = { name: 'help', alias: 'h', type: 'boolean', description: 'show help' };

/** Texts that Go's strconv.ParseBool takes; engines are written in Go. */
const booleans: Readonly<Record<string, boolean>> = {
  1: true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  0: false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** undefined for what is no boolean. */
export const booleanOf = (text: string): boolean | undefined => lookup(booleans, text);

/** What the flag parser finds wrong; `hint` may name the flag that was meant. */
class FlagError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

function usageError(message: string, usage: string, hint?: string): RuntimeError {
  return new RuntimeError('USAGE', message, { hint: `${hint === undefined ? '' : `${hint} `}usage: ${usage}` });
}

function unknownCommand(name: string): RuntimeError {
  const { message, hint } = usageError(
    `No help topic for '${name}': there is no such command`,
    usageOf(),
    didYouMean(name, Object.keys(commands)),
  );
  return new RuntimeError('COMMAND_UNKNOWN', message, hint === undefined ? {} : { hint });
}

/** The line that shows how a command is called. */
export function usageOf(command?: CommandName): string {
  if (command === undefined) return 'runts [global options] command [options] [arguments]';
  const { positionals, flags }: Command = commands[command];
  const words = positionals.map((each) => {
    const name = each.variadic ? `${each.name}...` : each.name;
    return each.optional ? `[${name}]` : `<${name}>`;
  });
  return ['runts', command, ...(flags.some((flag) => !flag.hidden) ? ['[options]'] : []), ...words].join(' ');
}

function convert(flag: Flag, name: string, text: string): FlagValue {
  switch (flag.type) {
    case 'boolean': {
      const value = booleanOf(text);
      if (value === undefined) throw new FlagError(`invalid boolean value ${JSON.stringify(text)} for -${name}: parse error`);
      return value;
    }
    case 'number': {
      const value = /^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value)) throw new FlagError(`invalid value ${JSON.stringify(text)} for flag -${name}: parse error`);
      return value;
    }
    default:
      if (flag.choices && !flag.choices.includes(text)) {
        throw new FlagError(`invalid value ${JSON.stringify(text)} for flag -${name}: must be one of ${flag.choices.join(', ')}`);
      }
      return text;
  }
}

/**
 * Reads flags the way Go's flag package does: one dash or two, `-x v` or `-x=v`, the last one wins, `--` ends them.
 * @param stop whether the first positional ends the flags as well
 * @throws FlagError with the words of Go's flag package
 */
function scanFlags(flags: readonly Flag[], argv: readonly string[], stop: boolean): Scan {
  const values: Record<string, FlagValue> = Object.create(null);
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const token = argv[index] as string;
    if (token === '--') {
      rest.push(...argv.slice(index + 1));
      break;
    }
    if (token.length < 2 || token[0] !== '-') {
      if (stop) {
        rest.push(...argv.slice(index));
        break;
      }
      rest.push(token);
      continue;
    }
    const body = token.slice(token[1] === '-' ? 2 : 1);
    if (body[0] === '-' || body[0] === '=') throw new FlagError(`bad flag syntax: ${token}`);
    const equals = body.indexOf('=');
    const name = equals < 0 ? body : body.slice(0, equals);
    const flag = flags.find((each) => each.name === name || each.alias === name);
    if (!flag) {
      const names = flags.filter((each) => !each.hidden).map((each) => each.name);
      throw new FlagError(`flag provided but not defined: -${name}`, didYouMean(name, names));
    }
    let text = equals < 0 ? undefined : body.slice(equals + 1);
    if (text === undefined && flag.type === 'boolean') text = 'true';
    text ??= argv[++index];
    if (text === undefined) throw new FlagError(`flag needs an argument: -${name}`);
    const value = convert(flag, name, text);
    values[flag.name] = flag.type === 'array' ? [...((values[flag.name] as string[] | undefined) ?? []), value as string] : value;
  }
  return { values, rest };
}

function withDefaults(flags: readonly Flag[], values: Record<string, FlagValue>): Record<string, FlagValue> {
  const all: Record<string, FlagValue> = {};
  for (const { name, type, default: preset } of flags) {
    all[name] = values[name] ?? (type === 'boolean' ? false : type === 'array' ? [] : preset);
  }
  return all;
}

function checkCount(name: CommandName, count: number): void {
  const { positionals }: Command = commands[name];
  const least = positionals.filter((each) => !each.optional).length;
  const most = positionals.some((each) => each.variadic) ? Number.POSITIVE_INFINITY : positionals.length;
  if (count >= least && count <= most) return;
  const amount = least === most ? `exactly ${least}` : count < least ? `a minimum of ${least}` : `a maximum of ${most}`;
  throw usageError(`runts: "${name}" requires ${amount} argument(s)`, usageOf(name));
}

function scan(flags: readonly Flag[], argv: readonly string[], stop: boolean, command?: CommandName): Scan {
  try {
    return scanFlags(flags, argv, stop);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    throw usageError(error.message, usageOf(command), error.hint);
  }
}

function helpTopic(name: string | undefined): CommandLine {
  if (name === undefined || name === 'help' || name === 'h') return { kind: 'help', topic: undefined };
  if (!isCommand(name)) throw unknownCommand(name);
  return { kind: 'help', topic: name };
}

function parseCall(global: GlobalValues, name: CommandName, argv: readonly string[]): CommandLine {
  const command: Command = commands[name];
  const { values, rest } = scan([...command.flags, helpFlag], argv, command.stopAtPositional === true, name);
  if (values['help'] === true) return { kind: 'help', topic: name };
  // `exec ID -- CMD`: the double dash guards the program's name, it is not the program.
  const args = command.stopAtPositional && rest[1] === '--' ? [rest[0] as string, ...rest.slice(2)] : rest;
  checkCount(name, args.length);
  return { kind: 'call', global, command: name, flags: withDefaults(command.flags, values), args } as unknown as CommandLine;
}

/**
 * Understands a command line (without the program's name).
 * @throws RuntimeError USAGE, COMMAND_UNKNOWN
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, rest } = scan(globalFlags, argv, true);
  const global = withDefaults(globalFlags, values) as unknown as GlobalValues;
  if (global.version) return { kind: 'version' };
  const [name, ...others] = rest;
  if (name === undefined) return { kind: 'help', topic: undefined };
  if (name === 'help' || name === 'h') return helpTopic(others[0]);
  if (global.help) return helpTopic(name);
  if (!isCommand(name)) throw unknownCommand(name);
  return parseCall(global, name, others);
}

/** Where the log goes, found before anything else is parsed so that errors of parsing reach it too. */
export function findLog(argv: readonly string[]): { readonly path: string | undefined; readonly format: string | undefined } {
  const found: Record<string, string | undefined> = {};
  for (let index = 0; index < argv.length; index++) {
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(argv[index] as string);
    if (!match) break;
    const name = match[1] as string;
    const flag = (globalFlags as readonly Flag[]).find((each) => each.name === name || each.alias === name);
    const value = match[2] ?? (flag && flag.type !== 'boolean' ? argv[++index] : undefined);
    if (flag) found[flag.name] = value;
  }
  return { path: found['log'], format: found['log-format'] };
}
