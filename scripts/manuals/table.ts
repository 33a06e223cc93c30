// The command table as manuals and completions need it: what is shown, and what a value can be completed with.
import { commands } from '../../src/cli/commands.ts';
import { explainedCodes } from '../../src/cli/explanations/chapters.ts';
import type { Command, Flag } from '../../src/cli/flag.ts';
import { globalFlags } from '../../src/cli/flags.ts';
import { helpFlag } from '../../src/cli/parse.ts';
import { signalNumbers } from '../../src/kernel.gen.ts';

/** What completes a value or an argument. */
export type Completion =
  | { readonly kind: 'nothing' | 'directory' | 'file' | 'program' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Ids of containers in one of the states; of all without any. */
  | { readonly kind: 'container'; readonly states: readonly string[] };

export interface ShownFlag extends Flag {
  readonly completion: Completion;
}

export interface Argument {
  readonly name: string;
  readonly description: string;
  readonly variadic: boolean;
  readonly completion: Completion;
}

export interface ShownCommand {
  readonly name: string;
  readonly command: Command;
  readonly flags: readonly ShownFlag[];
  readonly args: readonly Argument[];
}

const words = (...list: string[]): Completion => ({ kind: 'words', words: list });

/** By what stands for the value in help. */
const byValue: Readonly<Record<string, Completion>> = {
  DIR: { kind: 'directory' },
  FILE: { kind: 'file' },
  PATH: { kind: 'file' },
  '0|1': words('0', '1'),
  SIGNAL: words(...signalNames()),
  NAMESPACE: words('network'),
};

const byArgument: Readonly<Record<string, Completion>> = {
  bundle: { kind: 'directory' },
  signal: words(...signalNames()),
  command: { kind: 'program' },
  'explain|dump': words('explain', 'dump'),
  code: words(...new Set(explainedCodes().map(({ code }) => code))),
};

function signalNames(): string[] {
  return Object.keys(signalNumbers).map((name) => name.slice('SIG'.length));
}

function shown(flags: readonly Flag[]): ShownFlag[] {
  return flags
    .filter(({ hidden }) => !hidden)
    .map((flag) => ({
      ...flag,
      completion: flag.choices ? words(...flag.choices) : (byValue[flag.value ?? ''] ?? { kind: 'nothing' }),
    }));
}

export const globals: readonly ShownFlag[] = shown(globalFlags);

export const shownCommands: readonly ShownCommand[] = Object.entries(commands as Readonly<Record<string, Command>>)
  .filter(([, { hidden }]) => !hidden)
  .map(([name, command]) => ({
    name,
    command,
    flags: shown([...command.flags, helpFlag]),
    args: command.positionals.map((each) => ({
      name: each.name,
      description: each.description,
      variadic: each.variadic === true,
      completion: argument(each),
    })),
  }));

function argument({ name, states }: Command['positionals'][number]): Completion {
  if (name !== 'container-id') return byArgument[name] ?? { kind: 'nothing' };
  // One that is still to be made has a name that nobody else has.
  return states?.length === 0 ? { kind: 'nothing' } : { kind: 'container', states: states ?? [] };
}

/** "--bundle" and "-b". */
export const spellings = ({ name, alias }: Flag): string[] => [`--${name}`, ...(alias === undefined ? [] : [`-${alias}`])];

export const takesValue = ({ type }: Flag): boolean => type !== 'boolean';

/** First lines of each file. */
export const notice = 'Written by npm run generate from the command table.';
