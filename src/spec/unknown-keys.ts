import type { Report } from './findings.ts';
import { escapePointer } from './pointer.ts';
import { shapes } from './shape.gen.ts';
import { didYouMean } from './suggest.ts';

/** Findings beyond this many get no "did you mean": nobody reads them, and looking for near names is slow. */
const EXPLAINED = 1000;

function walkMember(value: unknown, shape: string, pointer: string, report: Report): void {
  if (shape.endsWith('[]')) {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) walkMember(item, shape.slice(0, -2), `${pointer}/${index}`, report);
  } else if (shape.endsWith('{}')) {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) walkMember(item, shape.slice(0, -2), `${pointer}/${escapePointer(key)}`, report);
  } else reportUnknownKeys(value, shape, pointer, report);
}

function memberHasUnknownKeys(value: unknown, shape: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (shape.endsWith('[]')) {
    const item = shape.slice(0, -2);
    return Array.isArray(value) && value.some((member) => hasUnknownKeys(member, item));
  }
  if (shape.endsWith('{}')) return Object.values(value).some((member) => memberHasUnknownKeys(member, shape.slice(0, -2)));
  return hasUnknownKeys(value, shape);
}

/** Whether reportUnknownKeys has anything to say: it seldom has, and composes a pointer for every member to say it. */
export function hasUnknownKeys(value: unknown, shape: string): boolean {
  const known = shapes[shape];
  if (known === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = value as Readonly<Record<string, unknown>>;
  for (const key in members) {
    const next = Object.hasOwn(known, key) ? known[key] : undefined;
    if (next === undefined || (next !== '' && memberHasUnknownKeys(members[key], next))) return true;
  }
  return false;
}

/** Warns of members that the specification does not define (CFG-095), at every level. */
export function reportUnknownKeys(value: unknown, shape: string, pointer: string, report: Report): void {
  const known = shapes[shape];
  if (known === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const place = `${pointer}/${escapePointer(key)}`;
    const next = Object.hasOwn(known, key) ? known[key] : undefined;
    if (next === undefined) {
      const hint = report.warnings.length < EXPLAINED ? didYouMean(key, Object.keys(known)) : undefined;
      report.warn(place, 'UNKNOWN_PROPERTY', `unknown property "${key}" is ignored`, hint);
    } else if (next !== '') walkMember(member, next, place, report);
  }
}
