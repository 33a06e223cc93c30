/** Takes bytes of any kind. @throws RuntimeError, BusError */
export type Reader = (bytes: Uint8Array) => void;

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Texts as NULs part them. */
export const textsOf = (bytes: Uint8Array): string[] => textOf(bytes).split('\0');

export function require(truth: boolean, what: string): void {
  if (!truth) throw new Error(what);
}

export function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** What an engine of JavaScript says of a mistake in a program. */
const mistake =
  /\bundefined\b|is not a function|is not iterable|cannot read|cannot convert|\[object |\bNaN\b|internal error|stack overflow/i;

/** Has the error thrown on, when its words are those of a mistake; words of the document are quoted. */
export function requireTold(message: string): void {
  require(!mistake.test(message.replace(/"(?:[^"\\]|\\.)*"/g, '""')), `words of a mistake: ${message}`);
}
