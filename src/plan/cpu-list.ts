import { RuntimeError } from '../errors.ts';
import { parseList } from '../spec/cpu-list.ts';

/**
 * "0-3,7" of the property at `pointer` as 64-bit words, lowest first (cpuset(7), "List format").
 * @throws RuntimeError CPU_LIST_INVALID
 */
export function parseCpuList(list: string, pointer: string): bigint[] {
  const ranges = parseList(list);
  if (ranges === undefined) {
    const message = `${pointer.split('/').slice(-2).join('.')}: invalid list ${JSON.stringify(list)}`;
    throw new RuntimeError('CPU_LIST_INVALID', message, { pointer, hint: 'expected a list like "0-3,7"' });
  }
  const words: bigint[] = [];
  for (const { first, last, used, group } of ranges) {
    for (let bit = first; bit <= last; bit++) {
      if ((bit - first) % group >= used) continue;
      const word = bit >> 6;
      while (words.length <= word) words.push(0n);
      words[word] = (words[word] as bigint) | (1n << BigInt(bit & 63));
    }
  }
  return words;
}
