import { RuntimeError } from '../errors.ts';
import { lookup } from '../lookup.ts';
import type { Invocation } from './invocation.ts';

type ResourceFlags = Invocation<'update'>['flags'];

/** Binary multiples, as every engine understands them. */
const units: Readonly<Record<string, bigint>> = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n, t: 1n << 40n, p: 1n << 50n };

function invalid(flag: string, text: string, expected: string): RuntimeError {
  return new RuntimeError('INVALID_VALUE', `invalid value for ${flag}: ${JSON.stringify(text)}`, { hint: `expected ${expected}` });
}

/** A JSON number without the zeros and the sign that this may not have. */
const canonical = (digits: string): string => String(BigInt(digits));

/** A decimal integer as a JSON number; leading zeros mean nothing. */
function unsigned(flag: string, text: string): string {
  if (/^\d{1,40}$/.test(text)) return canonical(text);
  throw invalid(flag, text, 'a decimal integer');
}

function signed(flag: string, text: string): string {
  const [, sign = '', digits] = /^([+-]?)(\d{1,40})$/.exec(text) ?? [];
  if (digits === undefined) throw invalid(flag, text, 'a decimal integer');
  return canonical(`${sign === '-' ? sign : ''}${digits}`);
}

/** As Go writes integers: also hexadecimal, octal (with one 0 too) and binary, and underscores between digits. */
function literal(flag: string, text: string): string {
  const [, sign = '', prefix = '', digits = ''] =
    /^([+-]?)(0[xX]_?|0[bB]_?|0[oO]?_?(?=.))?([\da-fA-F]+(?:_[\da-fA-F]+)*)$/.exec(text) ?? [];
  const base = /^0[xXbB]/.test(prefix) ? prefix.slice(0, 2).toLowerCase() : prefix === '' ? '' : '0o';
  const known = { '0x': /^[\da-f]{1,16}$/i, '0b': /^[01]{1,64}$/, '0o': /^[0-7]{1,22}$/, '': /^\d{1,40}$/ }[base] as RegExp;
  const plain = digits.replaceAll('_', '');
  if (!known.test(plain)) throw invalid(flag, text, 'an integer');
  return canonical(`${base}${plain}`).replace(/^(?!0$)/, sign === '-' ? '-' : '');
}

/** A size in bytes, "512m", "1.5g" or "-1", as a JSON number. */
function size(flag: string, text: string): string {
  if (text === '-1') return text;
  const match = /^\+?((?:\d[\d_]{0,40}\.?\d{0,40}|\.\d{1,40})(?:e[+-]?\d{1,3})?) ?([kmgtp]?)(?:i?b)?$/i.exec(text);
  const number = match?.[1]?.replaceAll('_', '') ?? '';
  const unit = lookup(units, match?.[2]?.toLowerCase() ?? '?');
  if (match === null || unit === undefined) throw invalid(flag, text, 'bytes, or a number with k, m, g, t or p, or -1');
  // Doubles lose digits of what is exact.
  if (/^\d+$/.test(number)) return String(BigInt(number) * unit);
  const bytes = Number(number) * Number(unit);
  if (!(bytes < 2 ** 63)) throw invalid(flag, text, 'less than 8 EiB');
  return String(BigInt(Math.floor(bytes)));
}

const text = (_flag: string, value: string): string => JSON.stringify(value);

/** Which member of linux.resources a flag sets. */
const members = {
  'blkio-weight': ['blockIO', 'weight', literal],
  'cpu-period': ['cpu', 'period', unsigned],
  'cpu-quota': ['cpu', 'quota', signed],
  'cpu-burst': ['cpu', 'burst', unsigned],
  'cpu-share': ['cpu', 'shares', unsigned],
  'cpu-rt-period': ['cpu', 'realtimePeriod', unsigned],
  'cpu-rt-runtime': ['cpu', 'realtimeRuntime', signed],
  'cpu-idle': ['cpu', 'idle', signed],
  'cpuset-cpus': ['cpu', 'cpus', text],
  'cpuset-mems': ['cpu', 'mems', text],
  memory: ['memory', 'limit', size],
  'memory-reservation': ['memory', 'reservation', size],
  'memory-swap': ['memory', 'swap', size],
  'pids-limit': ['pids', 'limit', literal],
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
