import { parseList } from '../../spec/cpu-list.ts';
import type { BlkioEntry, Counter, PressureStats } from './stats.ts';

/** Content of a control file of the container; undefined when this kernel or this cgroup has none. */
export type ReadFile = (controller: string, file: string) => string | undefined;

/** Go's and the kernel's "no limit". */
const UNLIMITED = (1n << 64n) - 1n;

/** The number a file holds, 0 when there is none; "max" is the largest there is. */
export function numberOf(text: string | undefined): bigint {
  const word = text?.trim() ?? '';
  if (word === 'max') return UNLIMITED;
  return /^-?\d+$/.test(word) ? BigInt(word) : 0n;
}

export const isUnlimited = (value: bigint): boolean => value === UNLIMITED;

/** runc leaves zeros out of most members. */
export const nonZero = (value: bigint): Counter => (value === 0n ? undefined : value);

/** "key value" lines. */
export function flatKeyed(text: string | undefined): Record<string, bigint> {
  const entries = (text ?? '').split('\n').map((line) => /^(\S+) (\d+)$/.exec(line));
  return Object.fromEntries(entries.filter((match) => match !== null).map(([, key = '', value = '0']) => [key, BigInt(value)]));
}

/** The numbers of "0-3,7"; undefined when there are none, or it is no list of the kernel's. */
export function listOf(text: string | undefined): number[] | undefined {
  const ranges = parseList(text ?? '') ?? [];
  const numbers = ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
  return numbers.length > 0 ? numbers : undefined;
}

/** A pressure file; undefined where the kernel has no PSI, or has it switched off. */
export function pressureOf(text: string | undefined): PressureStats | undefined {
  const result: Record<string, PressureStats['some']> = {};
  for (const line of (text ?? '').split('\n')) {
    const match = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)$/.exec(line);
    if (!match) continue;
    const [, kind = '', avg10, avg60, avg300, total = '0'] = match;
    result[kind] = { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300), total: BigInt(total) };
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

/** One entry of block I/O. */
export function blkioEntry(major: string, minor: string, op: string, value: string): BlkioEntry {
  return {
    major: nonZero(BigInt(major)),
    minor: nonZero(BigInt(minor)),
    op: op === '' ? undefined : op,
    value: nonZero(BigInt(value)),
  };
}
