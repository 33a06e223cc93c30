/** Characters that would move the cursor or start an escape sequence, as a bundle's path may hold them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const control = /[\u0000-\u001f\u007f-\u009f]/g;

/** Replaces control characters by "?". */
export function printable(text: string): string {
  return text.replace(control, '?');
}

function width(text: string): number {
  return [...text].length;
}

/**
 * Lines of columns as runc's tabwriter (minimal width 12, three spaces between) aligns them; the last column is not padded.
 */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const columns = (clean[0]?.length ?? 0) - 1;
  const widths = Array.from({ length: columns }, (_, column) => Math.max(12, ...clean.map((row) => width(row[column] ?? '') + 3)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column < columns ? cell + ' '.repeat((widths[column] ?? 0) - width(cell)) : cell)).join('');
  return clean.map((row) => `${line(row)}\n`).join('');
}
