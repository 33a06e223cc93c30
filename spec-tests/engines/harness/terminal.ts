import { fileURLToPath } from 'node:url';
import { attempt, type Finished } from './shell.ts';

/** One thing a person does at a terminal, or waits for. */
export type TerminalStep =
  | readonly ['expect', pattern: string]
  | readonly ['type', text: string]
  | readonly ['size', rows: number, columns: number]
  | readonly ['pause', seconds: number]
  | readonly ['signal', name: string];

const program = fileURLToPath(new URL('../../harness/terminal.py', import.meta.url));

/** Runs a command on a terminal of 30 rows and 100 columns, and plays the steps. Status 124: something expected did not come. */
export function atTerminal(command: readonly string[], steps: readonly TerminalStep[]): Promise<Finished> {
  return attempt(['/usr/bin/python3', program, '30x100', JSON.stringify(steps), ...command]);
}
