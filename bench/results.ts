// What a benchmark leaves in a file: the results of its suites, each of which can be measured anew on its own.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Machine } from './machine.ts';
import type { Row } from './rows.ts';
import type { AliveResult } from './suites/alive.ts';
import type { Limits } from './suites/limits.ts';
import type { Turns } from './suites/loop.ts';
import type { Size } from './suites/size.ts';

export interface Suites {
  readonly commands?: readonly Row[];
  readonly seccomp?: readonly Row[];
  readonly time?: readonly Row[];
  readonly idle?: readonly Row[];
  readonly checkpoint?: readonly Row[];
  readonly library?: readonly Row[];
  readonly cold?: readonly Row[];
  readonly loop?: readonly Turns[];
  readonly alive?: AliveResult;
  readonly limits?: readonly Limits[];
  readonly size?: readonly Size[];
}

export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly runtimes: readonly { readonly name: string; readonly version: string }[];
  readonly suites: Suites;
}

/** Writes results; suites in the file that were not measured this time stay, when machine and runtimes are the same. */
export function keep(file: string, results: Results): Results {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : undefined;
  const subject = ({ machine, runtimes }: Results) => JSON.stringify([machine, runtimes]);
  const isSame = before !== undefined && before.suites !== undefined && subject(before) === subject(results);
  const merged = isSame ? { ...results, suites: { ...before.suites, ...results.suites } } : results;
  writeFileSync(file, `${JSON.stringify(merged, undefined, 2)}\n`);
  return merged;
}
