import { RuntimeError } from '../errors.ts';
import type { Invocation } from './invocation.ts';

type ResourceFlags = Invocation<'update'>['flags'];

/** Binary multiples, as every engine understands them. */
const units: Readonly<Record<string, bigint>> = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n, t: 1n << 40n, p: 1n << 50n };

function invalid(flag: string, text: string, expected: string): RuntimeError {
  return new RuntimeError('INVALID_VALUE', `invalid value for ${flag}: ${JSON.stringify(text)}`, { hint: `expected ${expected}` });
}

/** A decimal integer as a JSON number. */
function integer(flag: string, text: string): string {
  if (!/^-?(?:0|[1-9]\d{0,18})$/.test(text)) throw invalid(flag, text, 'a decimal integer');
  return text;
}

/** A size in bytes, "512m", "1.5g" or "-1", as a JSON number. */
function size(flag: string, text: string): string {
  if (text === '-1') return text;
  const match = /^(\d{1,19})(\.\d{1,9})? ?([kmgtp]?)(?:i?b)?$/i.exec(text);
  const unit = units[match?.[3]?.toLowerCase() ?? '?'];
  if (match === null || unit === undefined) throw invalid(flag, text, 'bytes, or a number with k, m, g, t or p, or -1');
  return String(BigInt(match[1] ?? '') * unit + BigInt(Math.floor(Number(match[2] ?? 0) * Number(unit))));
}

const text = (_flag: string, value: string): string => JSON.stringify(value);

/** Which member of linux.resources a flag sets. */
const members = {
  'blkio-weight': ['blockIO', 'weight', integer],
  'cpu-period': ['cpu', 'period', integer],
  'cpu-quota': ['cpu', 'quota', integer],
  'cpu-burst': ['cpu', 'burst', integer],
  'cpu-share': ['cpu', 'shares', integer],
  'cpu-rt-period': ['cpu', 'realtimePeriod', integer],
  'cpu-rt-runtime': ['cpu', 'realtimeRuntime', integer],
  'cpu-idle': ['cpu', 'idle', integer],
  'cpuset-cpus': ['cpu', 'cpus', text],
  'cpuset-mems': ['cpu', 'mems', text],
  memory: ['memory', 'limit', size],
  'memory-reservation': ['memory', 'reservation', size],
  'memory-swap': ['memory', 'swap', size],
  'pids-limit': ['pids', 'limit', integer],
} as const satisfies Partial<Record<keyof ResourceFlags, readonly [string, string, (flag: string, value: string) => string]>>;

/**
 * The flags as the JSON of a resources object: numbers go in as they were typed, so that none loses a digit. An empty value is none, as
 * scripts write it that pass a variable on.
 * @throws RuntimeError INVALID_VALUE
 */
export function resourcesText(flags: ResourceFlags): string {
  for (const name of ['kernel-memory', 'kernel-memory-tcp'] as const) if (flags[name]) size(name, flags[name]);
  const groups = new Map<string, string[]>();
  for (const [name, [group, member, render]] of Object.entries(members)) {
    const value = flags[name as keyof typeof members];
    if (value === undefined || value === '') continue;
    groups.set(group, [...(groups.get(group) ?? []), `${JSON.stringify(member)}:${render(name, value)}`]);
  }
  return `{${[...groups].map(([group, entries]) => `${JSON.stringify(group)}:{${entries.join(',')}}`).join(',')}}`;
}

/** Which member of intelRdt a flag sets, and what it begins with. */
const schemata = { 'l3-cache-schema': ['l3CacheSchema', 'L3'], 'mem-bw-schema': ['memBwSchema', 'MB:'] } as const;

/**
 * The flags that speak of the container's class of service.
 * @throws RuntimeError INVALID_VALUE
 */
export function schemataOf(flags: ResourceFlags): { readonly l3CacheSchema?: string; readonly memBwSchema?: string } {
  const given = Object.entries(schemata).flatMap(([name, [member, start]]) => {
    const value = flags[name as keyof typeof schemata];
    if (value === undefined || value === '') return [];
    if (!value.startsWith(start) || value.includes('\n')) throw invalid(name, value, `one line that starts with "${start}"`);
    return [[member, value] as const];
  });
  return Object.fromEntries(given);
}
