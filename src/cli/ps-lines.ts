import { RuntimeError } from '../errors.ts';

/** The words of a line, each with the place where it ends. */
function words(line: string): { readonly text: string; readonly end: number }[] {
  return [...line.matchAll(/\S+/g)].map(({ 0: text, index }) => ({ text, end: index + text.length }));
}

/**
 * The header of ps(1) and the lines whose column PID is one of the container's.
 * @throws RuntimeError PS_NO_PID when there is no such column
 */
export function filterPs(output: string, pids: readonly number[]): string {
  const [header = '', ...lines] = output.split('\n');
  const titles = words(header);
  const column = titles.findIndex(({ text }) => text === 'PID');
  if (column < 0) throw new RuntimeError('PS_NO_PID', "couldn't find PID field in ps output");
  const end = titles[column]?.end;
  const wanted = new Set(pids.map(String));
  const kept = lines.filter((line) => {
    const found = words(line);
    // Numbers end where their title does. Words are counted only where they do not (busybox, values too long): commands hold blanks.
    const aligned = column === 0 ? undefined : found.find((word) => word.end === end && /^\d+$/.test(word.text));
    const pid = aligned ?? found[column];
    return pid !== undefined && wanted.has(pid.text);
  });
  return [header, ...kept].map((line) => `${line}\n`).join('');
}
