// What is noted of the suite's runs on one platform, file by file, so that a part can be run again.

/** What a run tells of the place it runs in. */
export interface Place {
  /** The numbers of `uname -r`. */
  readonly kernel: string;
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly cgroups: 'v1' | 'hybrid' | 'v2' | 'none';
  /** Whether systemd is there to be asked for cgroups. */
  readonly systemd: boolean;
  /** AppArmor, SELinux, both or neither, as they are in force. */
  readonly security: string;
  readonly user: 'root' | 'root of a user namespace' | 'a user';
  /** The runtime under test, from the project's folder. */
  readonly executable: string;
}

export interface FileResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How many tests were skipped for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What the suite's reporter writes while it runs. */
export interface Run {
  readonly place: Place;
  /** Whether it came to its end. */
  readonly complete: boolean;
  /** By path from the project's folder. */
  readonly files: Readonly<Record<string, FileResult>>;
  /** What each failure says, by file and title. */
  readonly failures: Readonly<Record<string, string>>;
}

/** The tests of a file, and of which day the sources were. */
export interface DatedResult extends FileResult {
  readonly sources: string;
}

/** What docs/platforms/ID.json has. */
export interface PlatformRecord {
  readonly place: Place;
  readonly version: string;
  /** How many files the suite had when it was run last. */
  readonly suite: number;
  readonly files: Readonly<Record<string, DatedResult>>;
}

/** Stands for what fails outside of all files, such as what is left behind at the end. */
export const afterwards = '(afterwards)';

export interface Sources {
  readonly version: string;
  /** Day of the commit, as 2026-01-31. */
  readonly day: string;
  /** All files of tests. */
  readonly files: readonly string[];
  /** How many of them make the suite. */
  readonly suite: number;
}

/**
 * Puts a run in place of what was noted of its files before; of another place nothing stays, nor of files that are not there any more.
 * @throws Error when tests were skipped without a reason, as those that `-t` leaves out
 */
export function note(before: PlatformRecord | undefined, run: Run, sources: Sources): PlatformRecord {
  const partial = Object.keys(run.files).filter((file) => run.files[file]?.reasons['no reason given'] !== undefined);
  if (partial.length > 0) throw new Error(`not all tests of ${partial.join(', ')} were run`);
  const kept = before !== undefined && JSON.stringify(before.place) === JSON.stringify(run.place) ? before.files : {};
  const still = Object.entries(kept).filter(([file]) => sources.files.includes(file));
  const dated = Object.entries(run.files).map(([file, result]) => [file, { ...result, sources: sources.day }] as const);
  const files = [...new Map([...still, ...dated])].sort(([a], [b]) => (a < b ? -1 : 1));
  return { place: run.place, version: sources.version, suite: sources.suite, files: Object.fromEntries(files) };
}

/** All tests of a record. */
export function sum({ files }: Pick<PlatformRecord, 'files'>): FileResult {
  const results = Object.values(files);
  const count = (of: (result: FileResult) => number) => results.reduce((all, result) => all + of(result), 0);
  const reasons = [...new Set(results.flatMap((result) => Object.keys(result.reasons)))].sort();
  return {
    passed: count(({ passed }) => passed),
    failed: count(({ failed }) => failed),
    skipped: count(({ skipped }) => skipped),
    reasons: Object.fromEntries(reasons.map((reason) => [reason, count((result) => result.reasons[reason] ?? 0)])),
  };
}
