import { rows } from './rows.ts';

/** What came of an attack: the runtime held, was broken, or was not attacked, with the reason. */
export type Verdict = 'holds' | 'broken' | `n.a.: ${string}`;

/** By runtime with version, then by title. */
export type Results = Readonly<Record<string, Readonly<Record<string, Verdict>>>>;

/** The id of a hole, among the words of a title. */
export const holeId = /\b(?:CVE-\d{4}-\d+|GHSA(?:-\w{4}){3}|(?:runc|crun)[#@]\S+)/;

/** Verdicts of one runtime on the tests of a row. */
function about(ids: readonly string[], verdicts: Readonly<Record<string, Verdict>>): Verdict[] {
  return Object.entries(verdicts).flatMap(([title, verdict]) => (ids.some((id) => hasId(title, id)) ? [verdict] : []));
}

const hasId = (title: string, id: string): boolean => title.split(' ').includes(id);

/** One broken test breaks a row. */
function sum(verdicts: readonly Verdict[]): string {
  const count = (wanted: Verdict): number => verdicts.filter((verdict) => verdict === wanted).length;
  if (count('broken') > 0) return `**broken** ${count('broken')}/${count('broken') + count('holds')}`;
  return count('holds') > 0 ? `holds ${count('holds')}` : '–';
}

/** Lines of the table and what is counted below it. */
function table(results: Results): string {
  const runtimes = Object.keys(results);
  const cells = rows.map(({ ids, hole }) => [ids.join(', '), hole, ...runtimes.map((name) => sum(about(ids, results[name] ?? {})))]);
  const lines = [['Hole', 'What went wrong', ...runtimes], ['---', '---', ...runtimes.map(() => '---')], ...cells];
  const broken = runtimes.map((_, index) => cells.filter((row) => row[index + 2]?.startsWith('**')).length);
  const counts = runtimes.map((name, index) => `${name} ${broken[index]}`).join(', ');
  return [...lines.map((row) => `| ${row.join(' | ')} |`), '', `Rows that are broken: ${counts}; of ${rows.length}.`].join('\n');
}

const markers = ['<!-- attacks: written by npm run security from security.json -->', '<!-- end of attacks -->'] as const;

/** The page with its table written anew. @throws Error when it has no place for it. */
export function render(page: string, results: Results): string {
  const [before = '', rest = ''] = page.split(markers[0]);
  const after = rest.split(markers[1])[1];
  if (after === undefined) throw new Error(`no ${markers[0]}`);
  return `${before}${markers[0]}\n${table(results)}\n${markers[1]}${after}`;
}

/** Rows without a test, and tests of a hole without a row. */
export function gaps(titles: readonly string[]): string[] {
  const ids = rows.flatMap((row) => row.ids);
  const named = titles.flatMap((title) => title.split(' ').filter((word) => holeId.test(word)));
  return [
    ...ids.filter((id) => !named.includes(id)).map((id) => `no test has ${id} in its title`),
    ...[...new Set(named)].filter((id) => !ids.includes(id)).map((id) => `no row of rows.ts has ${id}`),
  ];
}
