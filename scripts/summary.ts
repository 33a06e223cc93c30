// What a run of tests comes to: counts, why tests were skipped, and which of them passed at a second try only.

export interface FailedTry {
  readonly title: string;
  /** First line of what it failed with, for a second try what the first one did. */
  readonly error: string;
}

/** Tests by outcome; a second try that passed is counted as passed as well. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How many of those that ran had the runtime under test make containers. */
  readonly containers?: number;
  /** How many tests were skipped for each reason. */
  readonly reasons?: Readonly<Record<string, number>>;
  /** Tests that are excused as known differences of the runtime, by what it does instead. */
  readonly differences?: Readonly<Record<string, number>>;
  readonly secondTries?: readonly FailedTry[];
  /** Those of the failed tests that are known by name. */
  readonly failures?: readonly FailedTry[];
}

/** What is read of one of vitest's tests. */
export interface RanTest {
  /** Titles of the suites and of the test, joined by ` > `. */
  readonly fullName: string;
  result(): {
    readonly state: string;
    readonly errors?: readonly { readonly message: string }[] | undefined;
    readonly note?: string | undefined;
  };
  meta(): { readonly container?: true };
  diagnostic(): { readonly flaky: boolean } | undefined;
}

/** What a title says in brackets at its end, or at the end of that of a suite around it. */
function remark(fullName: string, kind: 'skipped' | 'expected difference'): string | undefined {
  const endings = fullName.split(' > ').map((title) => new RegExp(`\\[${kind}: (.*)\\]$`).exec(title)?.[1]);
  return endings.find((reason) => reason !== undefined);
}

function tally(reasons: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const firstLine = (text = ''): string => text.split('\n', 1)[0] ?? '';

const failedTry = (test: RanTest): FailedTry => ({ title: test.fullName, error: firstLine(test.result().errors?.[0]?.message) });

/** Counts tests that have run; what neither passed nor failed was skipped. */
export function summarize(tests: Iterable<RanTest>): Summary {
  const all = [...tests];
  const inState = (state: string) => all.filter((test) => test.result().state === state);
  const [passed, failed] = [inState('passed'), inState('failed')];
  const skipped = all.filter((test) => !['passed', 'failed'].includes(test.result().state));
  return {
    passed: passed.length,
    failed: failed.length,
    skipped: skipped.length,
    containers: [...passed, ...failed].filter((test) => test.meta().container).length,
    reasons: tally(skipped.map((test) => test.result().note ?? remark(test.fullName, 'skipped') ?? 'no reason given')),
    differences: tally(all.flatMap((test) => remark(test.fullName, 'expected difference') ?? [])),
    secondTries: passed.filter((test) => test.diagnostic()?.flaky).map(failedTry),
    failures: failed.map(failedTry),
  };
}

/** The sum of several runs. */
export function total(summaries: readonly Summary[]): Required<Summary> {
  const sum = (count: (summary: Summary) => number) => summaries.reduce((all, summary) => all + count(summary), 0);
  const merge = (counts: (summary: Summary) => Readonly<Record<string, number>> | undefined) =>
    tally(summaries.flatMap((summary) => Object.entries(counts(summary) ?? {}).flatMap(([why, count]) => Array<string>(count).fill(why))));
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    containers: sum(({ containers }) => containers ?? 0),
    reasons: merge(({ reasons }) => reasons),
    differences: merge(({ differences }) => differences),
    secondTries: summaries.flatMap(({ secondTries }) => secondTries ?? []),
    failures: summaries.flatMap(({ failures }) => failures ?? []),
  };
}

/** The lines that say it; the last has the counts. */
export function describe(summary: Summary): string[] {
  const { reasons = {}, differences = {}, secondTries = [], failures = [] } = summary;
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([why, count]) => `${String(count).padStart(6)} ${why}`);
  const tries = (all: readonly FailedTry[]) => all.flatMap(({ title, error }) => [`  ${title}`, `    ${error}`]);
  const paragraph = (heading: string, lines: readonly string[]) => (lines.length === 0 ? [] : [heading, ...lines, '']);
  return [
    ...paragraph('skipped:', counted(reasons)),
    ...paragraph('known differences of the runtime:', counted(differences)),
    ...paragraph('needed a second try, which is a defect to mend:', tries(secondTries)),
    ...paragraph('failed:', tries(failures)),
    `${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped, ${secondTries.length} needed a second try`,
  ];
}
