import type { RuntimeKind } from '../harness/suite.ts';

/** Tests that a runtime is known not to pass. */
export interface Deviation {
  readonly runtimes: readonly RuntimeKind[];
  /** What the runtime does instead. */
  readonly reason: string;
  /** Why runts does not do as that runtime does; needed where it is runc. */
  readonly why?: string;
  /** Beginnings of titles: the clause id, with as many of the words after it as tell the test from its neighbours. */
  readonly titles: readonly string[];
  /** Only on hosts with this kind of cgroups. */
  readonly cgroup?: 'v1' | 'unified';
  /** Only older versions than this one ("1.2": 1.1.15 and before); then `runtimes` names one. */
  readonly before?: string;
  /** Only this version and newer ones; then `runtimes` names one. */
  readonly since?: string;
  /** The outcome depends on timing or on the host: the test is skipped instead of expected to fail. */
  readonly unstable?: true;
}

/** Negative, 0 or positive as version `a` is older than, as old as or newer than `b`: numbers joined by dots, the missing ones 0. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  const places = Array.from({ length: Math.max(left.length, right.length) }, (_, place) => (left[place] ?? 0) - (right[place] ?? 0));
  return places.find((difference) => difference !== 0) ?? 0;
}

/** Whether a row speaks of this version of its runtime. */
export function appliesTo({ before, since }: Deviation, version: string): boolean {
  return (before === undefined || compareVersions(version, before) < 0) && (since === undefined || compareVersions(version, since) >= 0);
}
