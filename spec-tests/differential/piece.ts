import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Bundle } from '../harness/bundle.ts';
import type { Config } from '../harness/config.ts';

/** The oldest versions of the peers that promise it. */
export interface Since {
  readonly runc?: string;
  readonly crun?: string;
}

/** What a configuration may speak of outside of itself; each runtime has its own. */
export interface Places {
  readonly config: Config;
  readonly bundle: Bundle;
  /** A folder of the host with what is bound; see `makeVolume`. */
  readonly volume: string;
  /** Paths of namespaces that somebody else holds, by types. */
  readonly held: Readonly<Record<string, string>>;
}

/** One thing a configuration says. Pieces are put in one after another, so a later one sees what the earlier ones made. */
export interface Piece {
  readonly name: string;
  readonly since: Since;
  readonly values: fc.Arbitrary<unknown>;
  readonly apply: (value: unknown, places: Places) => void;
}

export function piece<T>(name: string, values: fc.Arbitrary<T>, apply: (value: T, places: Places) => void, since: Since = {}): Piece {
  return { name, since, values, apply: (value, places) => apply(value as T, places) };
}

export const from = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Each member is there or not. */
export const some = <T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

/** Whether this process may raise limits, and what runtimes do in its name. */
export const mayRaise = ((BigInt(`0x${/^CapEff:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0}`) >> 24n) & 1n) === 1n;

/** Whether the configuration asks for a namespace of this type that nobody else is in. */
export const isNew = ({ linux }: Config, type: string): boolean =>
  linux.namespaces.some((namespace) => namespace.type === type && namespace.path === undefined);
