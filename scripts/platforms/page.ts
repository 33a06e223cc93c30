import { platforms } from './list.ts';
import { type Place, type PlatformRecord, sum } from './record.ts';

/** By name of the platform. */
export type Records = Readonly<Record<string, PlatformRecord>>;

const head = [
  'Platform',
  'Kernel',
  'cgroups',
  'Privilege',
  'Nesting',
  'Architecture',
  'Executable',
  'Files',
  'Passed',
  'Failed',
  'Skipped',
  'Sources of',
];

function cgroups({ cgroups: mode, systemd }: Place): string {
  return systemd ? `${mode}, systemd` : mode;
}

/** The first and the last day of what was run. */
function days({ files }: PlatformRecord): string {
  const all = Object.values(files)
    .map(({ sources }) => sources)
    .sort();
  return all[0] === all.at(-1) ? `${all[0]}` : `${all[0]} to ${all.at(-1)}`;
}

function row(name: string, record: PlatformRecord): string[] {
  const { title = name, privilege, nesting, files } = platforms[name] ?? {};
  const { passed, failed, skipped } = sum(record);
  const { kernel, architecture, executable, security, user } = record.place;
  const count = Object.keys(record.files).length;
  return [
    title,
    [kernel, security].filter(Boolean).join(', '),
    cgroups(record.place),
    privilege ?? user,
    nesting ?? 'none',
    architecture,
    executable,
    files === undefined ? `${count} of ${record.suite}` : `${count}`,
    `${passed}`,
    failed > 0 ? `**${failed}**` : '0',
    `${skipped}`,
    days(record),
  ];
}

const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map(line).join('\n');

/** Why tests were skipped: a row for each reason, a column for each platform. */
function reasons(records: readonly (readonly [string, PlatformRecord])[]): string {
  const sums = records.map(([, record]) => sum(record).reasons);
  const all = [...new Set(sums.flatMap((counts) => Object.keys(counts)))].sort();
  const rows = all.map((reason) => [reason, ...sums.map((counts) => `${counts[reason] ?? ''}`)]);
  return table(['Why', ...records.map(([name]) => name)], rows);
}

/** In the order of the list. */
function inOrder(records: Records): (readonly [string, PlatformRecord])[] {
  return Object.keys(platforms).flatMap((name) => {
    const record = records[name];
    return record === undefined ? [] : [[name, record] as const];
  });
}

const markers = ['<!-- platforms: written by bun scripts/platforms/main.ts from platforms/ -->', '<!-- end of platforms -->'] as const;

/** The page with its tables written anew. @throws Error when it has no place for them. */
export function render(page: string, records: Records): string {
  const [before = '', rest = ''] = page.split(markers[0]);
  const after = rest.split(markers[1])[1];
  if (after === undefined) throw new Error(`no ${markers[0]}`);
  const ordered = inOrder(records);
  const matrix = table(
    ['Record', ...head],
    ordered.map(([name, record]) => [name, ...row(name, record)]),
  );
  return `${before}${markers[0]}\n${matrix}\n\n## Skipped, and why\n\n${reasons(ordered)}\n${markers[1]}${after}`;
}

/** What no page may have: failures, and records that nobody knows how to make. */
export function problems(records: Records): string[] {
  return Object.entries(records).flatMap(([name, record]) => {
    const failing = Object.entries(record.files).filter(([, { failed }]) => failed > 0);
    return [
      ...(name in platforms ? [] : [`docs/platforms/${name}.json: list.ts has no such platform`]),
      ...failing.map(([file, { failed }]) => `docs/platforms/${name}.json: ${failed} failed in ${file}`),
    ];
  });
}
