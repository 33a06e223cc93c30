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

/** The members that an object may have, each with what it leads to: null is a value without members to look at. */
interface Members {
  [name: string]: Place | null;
}

interface Place {
  readonly members: Members;
  readonly isList: boolean;
  readonly isMap: boolean;
}

function place(type: string): Place | null {
  if (type === '') return null;
  const isList = type.endsWith('[]');
  const isMap = type.endsWith('{}');
  const members = membersOf[isList || isMap ? type.slice(0, -2) : type];
  return members === undefined ? null : { members, isList, isMap };
}

// Without a prototype, so that one look tells what is known; filled in two rounds, as types name each other.
const membersOf: Record<string, Members> = {};
for (const type of Object.keys(shapes)) membersOf[type] = Object.create(null) as Members;
for (const [type, shape] of Object.entries(shapes))
  for (const [name, next] of Object.entries(shape)) Object.assign(membersOf[type] ?? {}, { [name]: place(next) });

function objectIsKnown(value: unknown, members: Members): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  for (const name in value) {
    const next = members[name];
    if (next === null) continue;
    if (next === undefined || !placeIsKnown((value as Readonly<Record<string, unknown>>)[name], next)) return false;
  }
  return true;
}

function placeIsKnown(value: unknown, { members, isList, isMap }: Place): boolean {
  if (isList) return !Array.isArray(value) || value.every((item) => objectIsKnown(item, members));
  if (isMap && typeof value === 'object' && value !== null) return Object.values(value).every((item) => objectIsKnown(item, members));
  return objectIsKnown(value, members);
}

/** Whether reportUnknownKeys has anything to say: it seldom has, and composes a pointer for every member to say it. */
export function hasUnknownKeys(value: unknown, shape: string): boolean {
  const members = membersOf[shape];
  return members !== undefined && !objectIsKnown(value, members);
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
