/** What text looks like; on a terminal with colours. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly bad: (text: string) => string;
}

const same = (text: string): string => text;
export const plain: Style = { heading: same, faint: same, good: same, doubtful: same, bad: same };

const sequence =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;
const coloured: Style = { heading: sequence(1), faint: sequence(2), good: sequence(32), doubtful: sequence(33), bad: sequence(31) };

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/**
 * The style for stdout: colours on a terminal alone. NO_COLOR, if it is not empty, forbids them; CLICOLOR_FORCE, if it is not empty or 0, asks for
 * them elsewhere too; a terminal named "dumb" gets none.
 */
export function styleFor(terminal: boolean, environment: Readonly<Record<string, string | undefined>>): Style {
  const { NO_COLOR: never, CLICOLOR_FORCE: always, TERM: name } = environment;
  if (isSet(never)) return plain;
  if (isSet(always) && always !== '0') return coloured;
  return terminal && name !== 'dumb' ? coloured : plain;
}
