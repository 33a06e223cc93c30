import { type Figures, Meter } from '../container/figures.ts';
import { addon } from '../native/addon.ts';
import { failedWith } from '../native/system-error.ts';
import type { Style } from './colour.ts';
import { figureLines } from './figures-table.ts';
import type { Invocation } from './invocation.ts';

export interface LiveView {
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** How often something is shown; 0: for ever, or until the containers that were named have ended. */
  readonly rounds: number;
  readonly ids: readonly string[];
  readonly json: boolean;
  /** What is shown, in which order. */
  readonly arrange: (all: readonly Figures[]) => readonly Figures[];
  /** A line above the table. */
  readonly title?: (all: readonly Figures[]) => string;
  /** Whether each look takes the place of the one before, on a terminal. */
  readonly inPlace: boolean;
  readonly style: Style;
}

const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_ALL = '\u001b[2J';
/** What is assumed where nobody tells. */
const usual = { rows: 24, columns: 80 } as const;

/**
 * One screen. No line is wrapped and the last one is left free, so that nothing scrolls; nothing of the terminal is changed that would have to be set
 * back when a signal ends the command.
 */
export function screen(lines: readonly string[], rows: number, isFirst: boolean): string {
  const fitting = lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more`];
  return `${isFirst ? CLEAR_ALL : ''}${HOME}${fitting.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`;
}

function shown(all: readonly Figures[], view: LiveView, isFirst: boolean): string {
  if (view.json) return `${JSON.stringify(all)}\n`;
  const { rows, columns } = addon.terminalSize(1) ?? usual;
  const lines = [...(view.title ? [view.title(all).slice(0, columns)] : []), ...figureLines(all, columns, view.style)];
  if (view.inPlace) return screen(lines, rows, isFirst);
  return `${isFirst ? '' : '\n'}${lines.join('\n')}\n`;
}

/**
 * Shows what containers use, again and again. The first look is only for those after it to be compared with.
 * @throws RuntimeError CONTAINER_UNKNOWN, NOT_RUNNING of a container that was named
 */
export function watch({ context, print }: Pick<Invocation<'stats' | 'top'>, 'context' | 'print'>, view: LiveView): void {
  const meter = new Meter(context(), view.ids);
  meter.look();
  try {
    for (let round = 1; view.rounds === 0 || round <= view.rounds; round++) {
      addon.pollIn([], Math.ceil(view.interval));
      const all = meter.look();
      if (view.ids.length > 0 && all.length === 0 && round > 1) return;
      print(shown(view.arrange(all), view, round === 1));
    }
  } catch (error) {
    // The reader has seen enough.
    if (!failedWith(error, 'EPIPE')) throw error;
  }
}
