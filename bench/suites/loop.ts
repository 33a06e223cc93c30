// How long the event loop of a program stands still while the library makes eight containers at a time.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Milliseconds between two turns of the loop. */
interface Figures {
  readonly all: number;
  /** Of these, on a processor. */
  readonly work: number;
  /** Of these, waiting for one. */
  readonly wait: number;
}

/** The longest turns of several runs, each figure by itself. */
export interface Turns {
  readonly runs: number;
  readonly title: string;
  readonly most: Figures;
  /** 99th percentile. */
  readonly rare: Figures;
}

type Run = readonly Omit<Turns, 'runs'>[];

function run(): Run {
  const program = join(import.meta.dirname, '../loop/main.js');
  const { status, stdout, stderr } = spawnSync('node', [program, '--json'], { encoding: 'utf8' });
  if (stdout === '') throw new Error(`bench/loop ended with status ${status}: ${stderr}`);
  return JSON.parse(stdout) as Run;
}

const largest = (figures: readonly Figures[]): Figures => ({
  all: Math.max(...figures.map(({ all }) => all)),
  work: Math.max(...figures.map(({ work }) => work)),
  wait: Math.max(...figures.map(({ wait }) => wait)),
});

export function loop(runs: number): Turns[] {
  const measured = Array.from({ length: runs }, run);
  return (measured[0] ?? []).map(({ title }, index) => {
    const own = measured.flatMap((each) => each[index] ?? []);
    return { runs, title, most: largest(own.map(({ most }) => most)), rare: largest(own.map(({ rare }) => rare)) };
  });
}

const figuresText = ({ all, work, wait }: Figures): string =>
  `${all.toFixed(1)} in all, ${work.toFixed(1)} at work, ${wait.toFixed(1)} waiting for a processor`;

/** Lines for people. */
export const renderLoop = (turns: readonly Turns[]): string =>
  turns
    .map(({ runs, title, most, rare }) => `${title}: most of ${runs} runs ${figuresText(most)}; 99th percentile ${figuresText(rare)}`)
    .join('\n');
