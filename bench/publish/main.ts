// `npm run bench:publish [FILE]`: puts the figures of `npm run bench` into the README, and their picture beside it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Results, Suites } from '../results.ts';
import type { Row } from '../rows.ts';
import { drawPicture, groupOf } from './picture.ts';
import { aliveTable, comparison, loopSentence, smallTable } from './tables.ts';

const root = join(import.meta.dirname, '../..');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { disturbed: { type: 'boolean', default: false } } });
const results = JSON.parse(readFileSync(positionals[0] ?? join(root, 'build/bench.json'), 'utf8')) as Results;
const { machine, runtimes, date } = results;

/** Figures of a busy machine do not belong there, unless they are asked for; then they are marked. */
const counts = <Each extends { readonly isQuiet: boolean }>(list: readonly Each[] | undefined) =>
  list?.filter(({ isQuiet }) => isQuiet || values.disturbed);
const { commands, seccomp, idle, library, cold, loop, alive } = results.suites;
const suites: Suites = {
  commands: counts(commands) ?? [],
  seccomp: counts(seccomp) ?? [],
  idle: counts(idle) ?? [],
  library: counts(library) ?? [],
  cold: counts(cold) ?? [],
};
const beside = alive && { ...alive, counts: counts(alive.counts) ?? [] };
const isMarked = values.disturbed;
const rows = Object.values(suites).flat() as Row[];

const find = (suite: readonly Row[] | undefined, title: string) => suite?.find((row) => row.title === title);
const verbs = ['run', 'create', 'start', 'delete', 'state', 'exec', 'kill'];
const all: (readonly [string, Row | undefined])[] = [
  ...[...verbs, 'create+start+delete'].map((verb) => [`\`${verb}\``, find(suites.commands, verb)] as const),
  ...['run', 'create+start+delete', 'exec'].map((verb) => [`\`${verb}\`, seccomp`, find(suites.seccomp, verb)] as const),
  ...['run', 'create+start+delete', 'exec'].map((verb) => [`\`${verb}\`, after 150 ms`, find(suites.idle, verb)] as const),
];

const versions = runtimes.map(({ name, version }) => `${name} ${version}`).join(', ');
const where = `${machine.kernel}, ${machine.cpus} CPUs, cgroup ${machine.cgroup}`;
const busy = '*: on a busy machine';
const groups = [
  ...verbs.flatMap((verb) => groupOf(verb, find(suites.commands, verb))),
  ...['run', 'create', 'exec'].flatMap((verb) => groupOf(`${verb}, seccomp profile`, find(suites.seccomp, verb))),
  ...groupOf('run, after 150 ms of rest', find(suites.idle, 'run')),
];
writeFileSync(
  join(root, 'docs/benchmark.svg'),
  drawPicture(groups, 'Milliseconds of wall time, less is better', `${versions}; ${where}${isMarked ? `; ${busy}` : ''}`),
);

const others = ['crun', 'runc', 'floor'].filter((name) => rows.some(({ medians }) => medians[name]));
/** A table of all rows of a suite. @returns undefined when there are none */
const whole = (list: readonly Row[] = []) =>
  list.length > 0
    ? comparison(
        list.map((row) => [row.title, row]),
        Object.keys(list[0]?.medians ?? {}),
      )
    : undefined;
const parts = [
  '![Wall time of each command with runts, crun and runc](docs/benchmark.svg)',
  `${versions}; ${where}; ${date.slice(0, 10)}. Medians, and medians of the ratios within a round of all runtimes. To reproduce: \`npm run bench -- --full\`.`,
  comparison(all, ['runts', ...others]),
  find(suites.seccomp, 'run') && '“seccomp”: with Docker’s default profile.',
  find(suites.idle, 'run') && '“after 150 ms”: with a pause before each command; the rest is back to back.',
  '“floor”: the same container made by a C program that decides nothing (`bench/floor`).',
  whole(suites.library) &&
    'The whole life of a sandbox in a program of Node: by the library, and by starting a runtime for each. “Synchronous”: without the start of Node and what it takes Node to start a process, which count for nobody then.',
  whole(suites.library),
  loop && loopSentence(loop, machine.cpus),
  whole(suites.cold) &&
    'Beside other sandboxes, from the start of Node to its end. An isolate runs JavaScript alone, with a limit for its heap, in the caller’s process; bubblewrap sets no limits, and has no filter of system calls here.',
  whole(suites.cold),
  beside?.counts.some(({ runtime }) => runtime === runtimes[0]?.name) ? aliveTable(beside) : undefined,
  isMarked ? `\\${busy}; of these only ratios and CPU time are worth something.` : undefined,
  smallTable(results),
].filter((part) => part !== undefined);

const file = join(root, 'README.md');
const marks = /(<!-- benchmark: written by npm run bench:publish -->\n)[\s\S]*(<!-- end of benchmark -->)/;
const readme = readFileSync(file, 'utf8');
if (!marks.test(readme)) throw new Error('README.md has no place for the benchmark');
writeFileSync(
  file,
  readme.replace(marks, (_, before, after) => `${before}${parts.join('\n\n')}\n${after}`),
);
