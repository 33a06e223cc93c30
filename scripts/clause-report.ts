// `npm run clauses`: which of docs/requirements.md have a test that names them. Fails when a binding one has neither test nor excuse.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { excuses, unmet } from '../spec-tests/excuses.ts';

const root = dirname(import.meta.dirname);
const requirements = join(root, 'docs/requirements.md');

interface Clause {
  readonly id: string;
  readonly chapter: string;
  readonly binding: boolean;
  readonly subject: string;
}

interface Title {
  readonly ids: readonly string[];
  readonly text: string;
  readonly file: string;
  /** What the test asks of the host. */
  readonly needs: readonly string[];
}

const id = '(?:GEN|BND|GLO|RT|RTL|CFG|MNT|LNX|FEAT|DRAFT|CLI|ENG)-\\d{3}';
const isId = new RegExp(`^${id}$`);
const idsAtStart = new RegExp(`^${id}(?:(?:,| to)? ${id})*`);

/** "RT-001 RT-003 to RT-005" names four. */
function expand(words: string): string[] {
  const ids: string[] = [];
  let range = false;
  for (const word of words.split(/,? /)) {
    const [prefix = '', number = ''] = word.split('-');
    const first = range ? Number(ids.at(-1)?.split('-')[1]) + 1 : Number(number);
    if (word !== 'to') for (let n = first; n <= Number(number); n++) ids.push(`${prefix}-${String(n).padStart(3, '0')}`);
    range = word === 'to';
  }
  return ids;
}

/** Rows of the chapters that number requirements: `| ID | Level | Property | …`. */
function readClauses(text: string): Clause[] {
  const clauses: Clause[] = [];
  let chapter = '';
  for (const row of text.split('\n')) {
    chapter = /^## (\d+\. .*)/.exec(row)?.[1] ?? chapter;
    const [, name = '', level = '', subject = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (isId.test(name)) {
      clauses.push({ id: name, chapter, binding: /^MUST( NOT|\\?\*)?$/.test(level), subject });
    }
  }
  return clauses;
}

/** A string that starts with an id, unless it is a value (`clause: 'CFG-028'`): a bare id counts as the first word of a table's row. */
const literal = new RegExp(`(^[ \\t]*|\\[|\\()?(['"\`])(${id}[^\\n]*?)\\2`, 'gm');

/** Strings that end a call, each on a line of its own or behind the test's body. */
const lastArguments = /\n((?: +'[^'\n]+',\n)+) *\);|\)((?:, '[^'\n]+')+)\);/;

/** What `Need` of the harness may be. */
const aNeed =
  /^(?:probe|cgroup v[12]|CAP_\w+|a user in the root cgroup|real hardware|a virtual machine|a machine of its own|two CPUs|a kernel without (?:AppArmor|SELinux)|a static executable|the executable|another engine than Bun|CRIU(?: with(?:out)? memory tracking| with scripts of its own| that restores connections)?|redis|other releases of Node|Linux [\d.]+|SPEC_DEBIAN|(?:not )?(?:runts|runc|crun)|\/\S+)$/;

function readTitles(file: string): Title[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const found = [...text.matchAll(literal)].filter(([, before, , words = '']) => before !== undefined || /^\S+ /.test(words));
  return found.map((match, index) => {
    const words = match[3] ?? '';
    const body = text.slice(match.index + match[0].length, found[index + 1]?.index);
    const needs = lastArguments.exec(body)?.slice(1).join('') ?? '';
    return {
      ids: expand(idsAtStart.exec(words)?.[0] ?? ''),
      text: words,
      file,
      needs: [...needs.matchAll(/'([^']+)'/g)].map(([, need = '']) => need).filter((need) => aNeed.test(need)),
    };
  });
}

function testFiles(): string[] {
  return ['spec-tests', 'src'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(spec|test)\.ts$/.test(path))
      .map((path) => join(directory, path))
      .sort(),
  );
}

/** An excuse has to rest on the requirements' own chapters. @returns what is wrong with the list. */
function checkExcuses(clauses: ReadonlyMap<string, Clause>, text: string): string[] {
  return excuses.flatMap(({ clauses: words, because }) => [
    ...expand(words).flatMap((name) => (clauses.has(name) ? [] : [`excuse for ${name}, which is no clause`])),
    ...(text.includes(`| ${because} |`) ? [] : [`excuse for ${words}: no ${because} in docs/requirements.md`]),
  ]);
}

function report(): number {
  const text = readFileSync(requirements, 'utf8');
  const clauses = new Map(readClauses(text).map((clause) => [clause.id, clause]));
  const titles = testFiles().flatMap(readTitles);
  const runnable = titles.filter(({ needs }) => !needs.some((need) => unmet.includes(need)));
  const covered = new Set(runnable.flatMap(({ ids }) => ids));
  const reasons = new Map(
    excuses.flatMap(({ clauses: words, because, reason }) => expand(words).map((name) => [name, `${because}: ${reason}`])),
  );
  const problems = checkExcuses(clauses, text);
  for (const { ids, file, text: title } of titles) {
    for (const name of ids) if (!clauses.has(name)) problems.push(`${file}: no clause ${name} (${title})`);
  }
  for (const name of reasons.keys()) if (covered.has(name)) problems.push(`${name} has a test: its excuse can go`);
  for (const chapter of new Set([...clauses.values()].map((clause) => clause.chapter))) {
    const all = [...clauses.values()].filter((clause) => clause.chapter === chapter);
    const binding = all.filter((clause) => clause.binding);
    const count = (list: readonly Clause[]) => `${list.filter((clause) => covered.has(clause.id)).length} of ${list.length}`;
    console.log(`\n${chapter}: ${count(all)} covered, binding ${count(binding)}`);
    for (const clause of all.filter((one) => !covered.has(one.id))) {
      const excuse = reasons.get(clause.id);
      const open = clause.binding && excuse === undefined;
      const needs = [...new Set(titles.filter(({ ids }) => ids.includes(clause.id)).flatMap((title) => title.needs))];
      const why = excuse ?? (needs.length > 0 ? `its tests need ${needs.join(', ')}` : open ? 'NO TEST' : 'no test; not binding');
      if (open || excuse !== undefined || process.argv.includes('--all')) console.log(`  ${clause.id} ${clause.subject}: ${why}`);
      if (open) problems.push(`${clause.id} ${clause.subject}: neither test nor excuse`);
    }
  }
  const binding = [...clauses.values()].filter((clause) => clause.binding);
  console.log(
    `\n${clauses.size} clauses, ${[...clauses.keys()].filter((name) => covered.has(name)).length} covered; ${binding.length} binding, ` +
      `${binding.filter((clause) => covered.has(clause.id)).length} covered, ${reasons.size} excused`,
  );
  for (const problem of problems) console.error(`clauses: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

process.exitCode = report();
