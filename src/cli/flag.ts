import type { ContainerStatus } from '../spec/types.ts';

/** What a flag takes: nothing (or =true/=false), one text, one decimal integer, or one text each time it is given. */
type FlagType = 'boolean' | 'string' | 'number' | 'array';

/** One flag of the command table. */
export interface Flag {
  /** Long name without dashes. */
  readonly name: string;
  /** One letter. */
  readonly alias?: string;
  readonly type: FlagType;
  /** Absent: false, undefined or [], after the type. */
  readonly default?: string | number;
  /** The only texts accepted. */
  readonly choices?: readonly string[];
  /** What stands for the value in help, e.g. "PATH". */
  readonly value?: string;
  readonly description: string;
  /** Accepted but not shown in help. */
  readonly hidden?: true;
}

/** One argument that is not a flag. */
interface Positional {
  readonly name: string;
  readonly optional?: true;
  /** Takes all that follow. */
  readonly variadic?: true;
  /** Of a container's id: the states in which the command makes sense, for completion; absent: in all. */
  readonly states?: readonly ContainerStatus[];
  readonly description: string;
}

/** What a command is for; help and manual have a heading for each. */
export const groups = { lifecycle: 'Lifecycle', inspection: 'Inspection', checks: 'Bundles and checks' } as const;

/** One command of the table. */
export interface Command {
  readonly group: keyof typeof groups;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  /** Paragraphs for help. */
  readonly description: string;
  readonly positionals: readonly Positional[];
  readonly flags: readonly Flag[];
  /** Parsing of flags stops at the first positional: what follows belongs to another program. */
  readonly stopAtPositional?: true;
  readonly hidden?: true;
}

export type FlagValue = boolean | string | number | readonly string[] | undefined;

type ValueOf<F extends Flag> = F['type'] extends 'boolean'
  ? boolean
  : F['type'] extends 'array'
    ? readonly string[]
    : F['type'] extends 'number'
      ? F extends { readonly default: number }
        ? number
        : number | undefined
      : F extends { readonly choices: readonly (infer C)[] }
        ? F extends { readonly default: string }
          ? C
          : C | undefined
        : F extends { readonly default: string }
          ? string
          : string | undefined;

/** The parsed values of a list of flags, by long name. */
export type Values<Flags extends readonly Flag[]> = { readonly [F in Flags[number] as F['name']]: ValueOf<F> };
