import type { Box } from '../harness/box.ts';
import type { Need } from '../harness/needs.ts';

/** How far the container `web` has come when the commands of an example are given. */
export type Stage = 'none' | 'created' | 'running' | 'stopped';

/** How the example of a code is tried. Words are those of the explanation itself; here stands what it leaves to the reader. */
export interface Row {
  /** JSON pointer of the object, or of the list (`/mounts/-`), into which a piece of config.json goes; default is the whole of it. */
  readonly at?: string;
  /** The example with the fault mended, written as examples are; where it has no commands, they are those of the example. */
  readonly mended: string;
  /** A merge patch of config.json, for both. */
  readonly around?: object;
  readonly stage?: Stage;
  /** A script for both, in the bundle. */
  readonly before?: string;
  /** A script after either, which takes back what `delete` would not. */
  readonly after?: string;
  /** The check that goes on until the example's end: `start` after `create`, default `create` alone. */
  readonly starts?: true;
  /** `doctor BUNDLE` does not tell it. */
  readonly unforeseen?: true;
  /** `validate` alone tells it. */
  readonly validated?: true;
  /** What is written where a code has no place to be logged in. */
  readonly words?: RegExp;
  /** Of a failure that is only warned of. */
  readonly told?: 'warning';
  /** Runs who calls the runtime, and makes the bundle his. */
  readonly caller?: (box: Box) => string[];
  readonly needs?: readonly Need[];
}

export type Rows = Readonly<Record<string, Row>>;
