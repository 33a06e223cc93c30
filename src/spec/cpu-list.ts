/** Members of a list from `first` to `last`: of every `group` of them the first `used`. */
export interface ListRange {
  readonly first: number;
  readonly last: number;
  readonly used: number;
  readonly group: number;
}

/** Bits allowed in a list; far above any machine, low enough to bound memory. */
const LIMIT = 65_536;

function listRange(text: string): ListRange | undefined {
  const match = /^(\d{1,6})(?:-(\d{1,6})(?::(\d{1,6})\/(\d{1,6}))?)?$/.exec(text);
  if (match === null) return undefined;
  const [first, last = first, used = 1, group = 1] = match.slice(1).map((number) => (number === undefined ? undefined : Number(number)));
  if (first === undefined || last === undefined || first > last || last >= LIMIT || group === 0 || used > group) return undefined;
  return { first, last, used, group };
}

/**
 * A list of cpus or memory nodes as the kernel reads it (bitmap_parselist): "0-3,7", with strides ("0-10:2/5"), blanks and commas at will
 * between ranges.
 * @returns undefined for what is no list, or an empty one
 */
export function parseList(text: string): readonly ListRange[] | undefined {
  const ranges: ListRange[] = [];
  for (const part of text.split(/[\s,]+/)) {
    if (part === '') continue;
    const range = listRange(part);
    if (range === undefined) return undefined;
    ranges.push(range);
  }
  return ranges.length === 0 ? undefined : ranges;
}
