import fc from 'fast-check';
import { expect, test } from 'vitest';
import yargs from 'yargs';
import { RuntimeError } from '../errors.ts';
import { type CommandName, commands } from './commands.ts';
import type { Command, Flag } from './flag.ts';
import { globalFlags } from './flags.ts';
import { parseCommandLine } from './parse.ts';

/** yargs as it must be set up to read flags the way Go does. */
const configuration = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
  'strip-aliased': true,
};

interface Parsed {
  readonly values: Record<string, unknown>;
  readonly args: readonly string[];
}

/** The same table given to yargs. */
function byYargs(flags: readonly Flag[], argv: readonly string[], stop: boolean): Parsed {
  let parser = yargs([])
    .parserConfiguration({ ...configuration, 'halt-at-non-option': stop })
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .strictOptions();
  for (const { name, alias, type, choices } of flags) {
    parser = parser.option(name, {
      // yargs adds up a number that is given twice.
      type: type === 'boolean' ? type : 'string',
      ...(alias !== undefined && { alias }),
      ...(type === 'array' && { array: true }),
      ...(choices && { choices }),
      ...(type !== 'boolean' && { requiresArg: true }),
    });
  }
  const { _: args, $0: _self, ...values } = parser.parseSync([...argv]) as Record<string, unknown> & { _: (string | number)[] };
  // yargs collects what is given twice; Go keeps the last.
  for (const { name, type } of flags) {
    if (type !== 'array' && Array.isArray(values[name])) values[name] = values[name].at(-1);
    if (type === 'number' && values[name] !== undefined) values[name] = Number(values[name]);
  }
  return { values, args: args.map(String) };
}

function withDefaults(flags: readonly Flag[], values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    flags.map(({ name, type, default: preset }) => [name, values[name] ?? (type === 'boolean' ? false : type === 'array' ? [] : preset)]),
  );
}

const letters = 'abcXYZ0189_./:@,+= -é'.split('');
/** A text that stands alone as a value: not empty and no dash in front, which yargs would take for a flag. */
const freeText = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 }).filter((text) => !text.startsWith('-'));

function flagValue(flag: Flag): fc.Arbitrary<string> {
  if (flag.choices) return fc.constantFrom(...flag.choices);
  return flag.type === 'number' ? fc.integer({ min: 0, max: 1_000_000 }).map(String) : freeText;
}

/** One flag as words: -x v, -x=v, --long v, --long=v, -long … */
function flagWords(flag: Flag): fc.Arbitrary<string[]> {
  const spellings = [`--${flag.name}`, `-${flag.name}`, ...(flag.alias === undefined ? [] : [`-${flag.alias}`, `--${flag.alias}`])];
  const spelling = fc.constantFrom(...spellings);
  if (flag.type === 'boolean') {
    return fc.tuple(spelling, fc.constantFrom('', '=true', '=false')).map(([name, value]) => [name + value]);
  }
  return fc.tuple(spelling, flagValue(flag), fc.boolean()).map(([name, value, joined]) => (joined ? [`${name}=${value}`] : [name, value]));
}

function someFlags(flags: readonly Flag[]): fc.Arbitrary<string[]> {
  // Help and version end the parse.
  const usual = flags.filter(({ name }) => name !== 'help' && name !== 'version');
  if (usual.length === 0) return fc.constant([]);
  return fc
    .subarray(usual, { minLength: 1, maxLength: Math.min(3, usual.length) })
    .chain((few) => fc.array(fc.constantFrom(...few).chain(flagWords), { maxLength: 5 }))
    .map((words) => words.flat());
}

function positionals({ positionals: list, stopAtPositional }: Command): fc.Arbitrary<string[]> {
  const least = list.filter((each) => !each.optional).length;
  const most = list.some((each) => each.variadic) ? 5 : list.length;
  const word = freeText.filter((text) => text !== '');
  // After the container id of exec anything goes, also what looks like a flag.
  const any = stopAtPositional ? fc.oneof(word, fc.constantFrom('-l', '--env', '--tty=x', '-')) : word;
  return fc.array(any, { minLength: least, maxLength: most }).filter((words) => words.length === 0 || !words[0]?.startsWith('-'));
}

/** Options may stand between arguments, except where they end at the first one. */
function mixed(command: Command): fc.Arbitrary<string[]> {
  const before = someFlags(command.flags);
  const after = command.stopAtPositional ? fc.constant([]) : someFlags(command.flags);
  return fc.tuple(before, positionals(command), after).map(([first, words, last]) => [...first, ...words, ...last]);
}

const names = Object.keys(commands) as CommandName[];
const commandLines = fc
  .constantFrom(...names)
  .chain((name) => fc.tuple(someFlags(globalFlags), fc.constant(name), mixed(commands[name] as Command)));

test('understands every valid command line as yargs does', () => {
  fc.assert(
    fc.property(commandLines, ([globals, name, words]) => {
      const command: Command = commands[name];
      const line = parseCommandLine([...globals, name, ...words]);
      if (line.kind !== 'call') throw new Error(`not a call: ${line.kind}`);

      const { values: globalValues, args: rest } = byYargs(globalFlags, [...globals, name, ...words], true);
      const { values, args } = byYargs(command.flags, rest.slice(1), command.stopAtPositional === true);
      expect(line.command).toBe(rest[0]);
      expect(line.global).toEqual(withDefaults(globalFlags, globalValues));
      expect(line.flags).toEqual(withDefaults(command.flags, values));
      expect(line.args).toEqual(args);
    }),
    { numRuns: 1000 },
  );
});

test('any words are a command line of a form that is known, or refused as one', () => {
  const flags = [...globalFlags, ...names.flatMap((name) => (commands[name] as Command).flags)];
  const word = fc.oneof(
    fc.constantFrom<string>(
      ...names,
      'help',
      'h',
      '-h',
      '--help',
      '-v',
      '--version',
      '--',
      '-',
      '',
      '=',
      '--=',
      '-=x',
      '--constructor',
      '__proto__',
      'toString',
    ),
    fc
      .constantFrom<Flag>(...flags)
      .chain(({ name, alias }) => fc.constantFrom(`--${name}`, `-${name}`, `--${name}=`, `-${alias}`, `--${name}=1`, `--${name}=x`)),
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 4 }).map((text) => `--${text}`),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 7 }), (argv) => {
      try {
        const line = parseCommandLine(argv);
        expect(['call', 'help', 'version']).toContain(line.kind);
        if (line.kind === 'call') expect(line.args.every((each) => argv.includes(each))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(RuntimeError);
        expect(['USAGE', 'COMMAND_UNKNOWN']).toContain((error as RuntimeError).code);
      }
    }),
    { numRuns: 3000 },
  );
});
