import type { Figures } from '../container/figures.ts';
import { plain, type Style } from './colour.ts';
import type { CommandValues } from './commands.ts';
import { printable } from './table.ts';

/** "17.2M": five characters at the most. */
export function sizeText(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < 5) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)}${'BKMGTP'[unit]}`;
}

const percent = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(value >= 99.95 ? 0 : 1));
const number = (value: number | undefined): string => (value === undefined ? '-' : String(value));
const share = (value: number | undefined, whole: number | undefined): number | undefined =>
  value === undefined || whole === undefined ? undefined : (100 * value) / whole;

/** From when on something deserves a look, and from when on it is bad; in percent. */
type Thresholds = readonly [doubtful: number, bad: number];

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (figures: Figures) => string;
  /** What its colour goes by. */
  readonly level?: (figures: Figures) => number | undefined;
  readonly thresholds?: Thresholds;
}

const memoryShare = ({ memory, memoryLimit }: Figures): number | undefined => share(memory, memoryLimit);
const full: Thresholds = [80, 95];
const waiting: Thresholds = [10, 40];

const pressed = (title: string, kind: 'cpu' | 'memory' | 'io'): Column => ({
  title,
  width: 5,
  text: ({ pressure }) => percent(pressure?.[kind]),
  level: ({ pressure }) => pressure?.[kind],
  thresholds: waiting,
});

/** What stands behind the id: 58 characters with the blanks between, so that 80 leave 22 for the id. */
const columns: readonly Column[] = [
  { title: 'CPU%', width: 6, text: ({ cpuPercent }) => percent(cpuPercent) },
  { title: 'MEM', width: 5, text: ({ memory }) => sizeText(memory) },
  { title: 'MEM%', width: 5, text: (figures) => percent(memoryShare(figures)), level: memoryShare, thresholds: full },
  {
    title: 'PIDS',
    width: 5,
    text: ({ pids }) => number(pids),
    level: ({ pids, pidsLimit }) => share(pids, pidsLimit),
    thresholds: full,
  },
  pressed('PCPU%', 'cpu'),
  pressed('PMEM%', 'memory'),
  pressed('PIO%', 'io'),
  { title: 'READ/s', width: 6, text: ({ readRate }) => sizeText(readRate) },
  { title: 'WRITE/s', width: 7, text: ({ writeRate }) => sizeText(writeRate) },
];
const widthOf = (shown: readonly Column[]): number => shown.reduce((sum, { width }) => sum + width + 1, 0);

const smallestIdWidth = 12;
const usualIdWidth = 80 - widthOf(columns);

/** What a narrow terminal has no room for goes, in this order: a line that breaks is read by nobody. */
const expendable: readonly RegExp[] = [/^P\w+%$/, /\/s$/];

function columnsFor(width: number): readonly Column[] {
  let shown = columns;
  for (const titles of expendable) if (smallestIdWidth + widthOf(shown) > width) shown = shown.filter(({ title }) => !titles.test(title));
  return shown;
}

/** Cut in the middle, as ids of engines differ at either end. */
function fitted(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const tail = Math.floor((width - 1) / 3);
  return `${text.slice(0, width - 1 - tail)}~${text.slice(text.length - tail)}`;
}

function cell({ text, width, level, thresholds }: Column, figures: Figures, style: Style): string {
  const shown = text(figures).padStart(width);
  const height = level?.(figures);
  if (height === undefined || thresholds === undefined || height < thresholds[0]) return shown;
  return height < thresholds[1] ? style.doubtful(shown) : style.bad(shown);
}

/**
 * A line for each container, under a heading.
 * @param width columns of the terminal; lines are no longer, from 37 on
 */
export function figureLines(all: readonly Figures[], width: number, style: Style = plain): string[] {
  const ids = all.map(({ id }) => printable(id));
  const shown = columnsFor(width);
  const room = Math.max(smallestIdWidth, width - widthOf(shown));
  const idWidth = Math.min(room, Math.max(usualIdWidth, ...ids.map(({ length }) => length)));
  const heading = ['ID'.padEnd(idWidth), ...shown.map(({ title, width: own }) => title.padStart(own))].join(' ');
  const rows = all.map((figures, index) =>
    [fitted(ids[index] ?? '', idWidth), ...shown.map((column) => cell(column, figures, style))].join(' '),
  );
  return [style.heading(heading), ...rows];
}

/** What containers can be ordered by. */
type SortKey = CommandValues<'top'>['sort'];

const weight: Readonly<Record<Exclude<SortKey, 'id'>, (figures: Figures) => number>> = {
  cpu: ({ cpuPercent = -1 }) => cpuPercent,
  memory: ({ memory = -1 }) => memory,
  pids: ({ pids = -1 }) => pids,
  pressure: ({ pressure = {} }) => Math.max(-1, ...Object.values(pressure)),
  io: ({ readRate = -1, writeRate = -1 }) => readRate + writeRate,
};

/** The largest first; ids by the alphabet. */
export function sorted(all: readonly Figures[], key: SortKey): Figures[] {
  const byId = all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (key === 'id') return byId;
  const of = weight[key];
  return byId.toSorted((a, b) => of(b) - of(a));
}

/** What all of them use together. */
export function summary(all: readonly Figures[]): string {
  const sum = (value: (figures: Figures) => number | undefined): number => all.reduce((total, each) => total + (value(each) ?? 0), 0);
  const counted = `${all.length} container${all.length === 1 ? '' : 's'}`;
  return `${counted}, ${sum(({ pids }) => pids)} pids, cpu ${percent(sum(({ cpuPercent }) => cpuPercent))} %, memory ${sizeText(sum(({ memory }) => memory))}`;
}
