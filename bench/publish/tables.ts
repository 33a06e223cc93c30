// The tables of the README.
import type { Results } from '../results.ts';
import type { Row } from '../rows.ts';
import { type Alive, type AliveResult, probed } from '../suites/alive.ts';
import type { Turns } from '../suites/loop.ts';

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const milliseconds = (microseconds: number | undefined) => (microseconds === undefined ? '' : (microseconds / 1000).toFixed(1));

/** Marks what was measured on a busy machine. */
const mark = (title: string, { isQuiet }: Pick<Row, 'isQuiet'>): string => (isQuiet ? title : `${title} \\*`);

/** Wall and CPU time of every subject, and what those of the first are to those of the others. */
export function comparison(
  rows: readonly (readonly [title: string, row: Row | undefined])[],
  [first = '', ...others]: readonly string[],
): string {
  const there = rows.flatMap(([title, row]) => (row === undefined ? [] : [[title, row] as const]));
  const cells = there.map(([title, { medians, ratios, isQuiet }]) => [
    mark(title, { isQuiet }),
    ...[first, ...others].map((name) => (medians[name] ? `${milliseconds(medians[name].wall)} / ${milliseconds(medians[name].cpu)}` : '')),
    ...others.map((name) => (ratios[name] ? `${ratios[name].wall.toFixed(2)} / ${ratios[name].cpu.toFixed(2)}` : '')),
  ]);
  return markdown(['ms, wall / CPU', first, ...others, ...others.map((name) => `${first} : ${name}`)], cells);
}

export function aliveTable({ counts }: AliveResult): string {
  const cell = ({ costs }: Alive, name: keyof Alive['costs']) =>
    costs[name] ? `${milliseconds(costs[name].wall)} / ${milliseconds(costs[name].cpu)}` : '';
  const cells = counts.map((each) => [
    mark(`${each.runtime}, ${each.count.toLocaleString('en').replace(',', ' ')} alive`, each),
    ...probed.map((name) => cell(each, name)),
    each.memory?.toFixed(0) ?? '',
  ]);
  return markdown(['ms, wall / CPU', 'the next: create and start', 'floor, `run`', 'delete', 'list', 'state', 'KiB for each'], cells);
}

/** How long the event loop stands still. */
export function loopSentence(turns: readonly Turns[], cpus: number): string {
  const [busy, idle] = turns;
  if (!busy || !idle) return '';
  const one = (value: number) => value.toFixed(1);
  return `The event loop of a program that makes eight sandboxes at a time had no turn of more than ${one(busy.most.work)} ms at work, and none of more than ${one(busy.most.all)} with what it waited for one of ${cpus} processors (99 of 100: ${one(busy.rare.all)}), in ${busy.runs} runs; with nothing to do, ${one(idle.most.all)}.`;
}

export function smallTable({ runtimes, suites: { commands, limits, size } }: Results): string {
  const names = runtimes.map(({ name }) => name);
  const run = commands?.find(({ title }) => title === 'run');
  const by = <Each extends { readonly runtime: string }>(list: readonly Each[] | undefined, show: (each: Each) => string) =>
    names.map((name) => {
      const found = list?.find(({ runtime }) => runtime === name);
      return found ? show(found) : '';
    });
  const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  return markdown(
    ['', ...names],
    [
      ['largest process of `run`, MiB', ...names.map((name) => mebibytes((run?.medians[name]?.peak ?? Number.NaN) * 1024))],
      ['smallest memory limit that runs a program, KiB', ...by(limits, ({ memory }) => String(memory))],
      ['smallest pids limit', ...by(limits, ({ pids }) => String(pids))],
      ['executable, MiB', ...by(size, ({ executable }) => mebibytes(executable))],
      ["shared libraries besides the C library's, MiB", ...by(size, ({ libraries }) => mebibytes(libraries))],
    ],
  );
}
