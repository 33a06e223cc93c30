import type { RuntimeKind } from '../harness/suite.ts';

/** What the failure of a test must say, any of several; or why none can be told, so that every failure is excused. */
export type Expected = string | readonly string[] | { readonly unproved: string };

/** Tests that a runtime is known not to pass. */
export interface Deviation {
  readonly runtimes: readonly RuntimeKind[];
  /** What the runtime does instead. */
  readonly reason: string;
  /** Why runts does not do as that runtime does; needed where it is runc. */
  readonly why?: string;
  /** By beginnings of titles, which are the clause id with as many of the words after it as tell the test from its neighbours: how they fail. */
  readonly titles: Readonly<Record<string, Expected>>;
  /** Only on hosts with this kind of cgroups. */
  readonly cgroup?: 'v1' | 'unified';
  /** Only older versions than this one ("1.2": 1.1.15 and before); then `runtimes` names one. */
  readonly before?: string;
  /** Only this version and newer ones; then `runtimes` names one. */
  readonly since?: string;
  /** The outcome depends on timing or on the host: the test may pass as well. */
  readonly unstable?: true;
}

/** Negative, 0 or positive as version `a` is older than, as old as or newer than `b`: numbers joined by dots, the missing ones 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  const places = Array.from({ length: Math.max(left.length, right.length) }, (_, place) => (left[place] ?? 0) - (right[place] ?? 0));
  return places.find((difference) => difference !== 0) ?? 0;
}

/** Whether a version is `since` or newer; every version is when that is undefined. */
export const isAtLeast = (version: string, since: string | undefined): boolean =>
  since === undefined || compareVersions(version, since) >= 0;

/** Whether a row speaks of this version of its runtime. */
export function appliesTo({ before, since }: Deviation, version: string): boolean {
  return (before === undefined || !isAtLeast(version, before)) && isAtLeast(version, since);
}

/** How a test of this title fails; undefined when the row does not speak of it. */
export function expectedFor({ titles }: Deviation, title: string): Expected | undefined {
  return Object.entries(titles).find(([beginning]) => title.startsWith(beginning))?.[1];
}

/** @returns what is wrong with the outcome of a test of a row; `message` is that of its failure, undefined when it passed. */
export function judge({ unstable }: Deviation, expected: Expected, message: string | undefined): string | undefined {
  if (message === undefined) return unstable ? undefined : 'passes, though it is listed as a known difference';
  if (typeof expected === 'object' && 'unproved' in expected) return undefined;
  const parts = typeof expected === 'string' ? [expected] : expected;
  return parts.some((part) => message.includes(part)) ? undefined : `fails otherwise than listed, which is: ${parts.join(' | ')}`;
}
