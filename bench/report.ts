// Results as text.
import type { Suites } from './results.ts';
import type { Row } from './rows.ts';
import { type AliveResult, probed } from './suites/alive.ts';
import { renderLoop } from './suites/loop.ts';

const milliseconds = (microseconds: number) => (microseconds / 1000).toFixed(2);
const mebibytes = (kibibytes: number) => (kibibytes / 1024).toFixed(1);

/** The first column is text, the others are figures. */
function align(table: readonly (readonly string[])[]): string {
  const columns = Math.max(...table.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const pad = (cell: string, column: number) => (column < 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0));
  return table.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** One line for each measure: medians, then the ratios of the first subject to each other. */
function renderRows(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.medians)))];
  const [first = '', ...others] = names;
  const header = ['', ...names, ...others.map((name) => `${first}/${name}`), 'rounds'];
  const lines = rows.flatMap(({ title, medians, ratios, rounds, discarded, isQuiet }) =>
    (['wall', 'cpu', 'peak'] as const).map((measure, index) => [
      index === 0 ? `${title}: wall, ms` : `  ${measure === 'cpu' ? 'CPU, ms' : 'peak memory, MiB'}`,
      ...names.map((name) => (medians[name] ? (measure === 'peak' ? mebibytes : milliseconds)(medians[name][measure]) : '')),
      ...others.map((name) => ratios[name]?.[measure].toFixed(2) ?? ''),
      index === 0 ? (isQuiet ? `${rounds} quiet, ${discarded} discarded` : `${rounds}, DISTURBED`) : '',
    ]),
  );
  return align([header, ...lines]);
}

function renderAlive({ counts, deleted }: AliveResult): string {
  const lines = counts.map(({ runtime, count, costs, memory, isQuiet }) => [
    `${runtime}, ${count} alive`,
    ...probed.flatMap((name) => [costs[name] ? milliseconds(costs[name].wall) : '', costs[name] ? milliseconds(costs[name].cpu) : '']),
    memory?.toFixed(0) ?? '',
    isQuiet ? '' : 'DISTURBED',
  ]);
  const removal = Object.entries(deleted).map(([name, each]) => `${name} ${each.toFixed(1)} ms`);
  const header = ['ms', ...probed.flatMap((name) => [name, 'CPU']), 'KiB each', ''];
  return `${align([header, ...lines])}\ndeleting each of them at the end: ${removal.join(', ')}; nothing was left`;
}

export function render(suites: Suites): string {
  const { commands, seccomp, time, idle, checkpoint, library, cold, loop, alive, limits, size } = suites;
  const parts: [string, string | undefined][] = [
    ['commands, back to back', commands && renderRows(commands)],
    ["with Docker's default seccomp profile, back to back", seccomp && renderRows(seccomp)],
    ['with a time namespace, as Docker has since 29.5, back to back', time && renderRows(time)],
    ['after a pause of 150 ms before each command', idle && renderRows(idle)],
    ['saved and restored by CRIU', checkpoint && (checkpoint.length > 0 ? renderRows(checkpoint) : 'no CRIU that works')],
    ['the whole life of a container: the library in a process of Node, against a process for each', library && renderRows(library)],
    ['cold start', cold && renderRows(cold)],
    ['turns of the event loop, ms', loop && renderLoop(loop)],
    ['with many containers there', alive && renderAlive(alive)],
    [
      'the smallest limits that run a program',
      limits && align([['', 'memory, KiB', 'pids'], ...limits.map((each) => [each.runtime, String(each.memory), String(each.pids)])]),
    ],
    [
      'on disk, KiB',
      size &&
        align([
          ['', 'executable', 'libraries'],
          ...size.map(({ runtime, executable, libraries }) => [runtime, (executable / 1024).toFixed(0), (libraries / 1024).toFixed(0)]),
        ]),
    ],
  ];
  return parts.flatMap(([title, text]) => (text === undefined ? [] : [`${title}\n\n${text}`])).join('\n\n');
}
