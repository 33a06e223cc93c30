import { RuntimeError } from '../errors.ts';

/** Bits allowed in a list; far above any machine, low enough to bound memory. */
const LIMIT = 65_536;

/**
 * "0-3,7" of the property at `pointer` as 64-bit words, lowest first (cpuset(7), "List format").
 * @throws RuntimeError CPU_LIST_INVALID
 */
export function parseCpuList(list: string, pointer: string): bigint[] {
  const words: bigint[] = [];
  for (const part of list.split(',')) {
    const match = /^\s*(\d{1,6})(?:-(\d{1,6}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || first > last || last >= LIMIT)
      throw new RuntimeError('CPU_LIST_INVALID', `${pointer.split('/').slice(-2).join('.')}: invalid list ${JSON.stringify(list)}`, {
        pointer,
        hint: 'expected a form like "0-3,7"',
      });
    for (let bit = first; bit <= last; bit++) {
      const word = bit >> 6;
      while (words.length <= word) words.push(0n);
      words[word] = (words[word] as bigint) | (1n << BigInt(bit & 63));
    }
  }
  return words;
}
