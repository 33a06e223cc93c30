import { lookup } from '../lookup.ts';
import type { Report } from './findings.ts';
import { escapePointer } from './pointer.ts';
import { shapes } from './shape.gen.ts';
import { didYouMean } from './suggest.ts';

/** Findings beyond this many get no "did you mean": nobody reads them, and looking for near names is slow. */
const EXPLAINED = 1000;

/** What is done with an object of a shape. */
type Visit = (value: unknown, shape: string, pointer: string, report: Report) => void;

/** Visits a member, or each item of a list or map. */
function walkMember(value: unknown, shape: string, pointer: string, report: Report, visit: Visit): void {
  if (shape.endsWith('[]')) {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) walkMember(item, shape.slice(0, -2), `${pointer}/${index}`, report, visit);
  } else if (shape.endsWith('{}')) {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value))
      walkMember(item, shape.slice(0, -2), `${pointer}/${escapePointer(key)}`, report, visit);
  } else visit(value, shape, pointer, report);
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
const membersOf: Record<string, Members> = Object.create(null);
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

/** The known name that differs in case alone. */
function inAnotherCase(name: string, known: Readonly<Record<string, string>>): string | undefined {
  const lower = name.toLowerCase();
  return Object.keys(known).find((candidate) => candidate.toLowerCase() === lower);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What two members of one name mean to a decoder that goes on in the same structure: the later wins, in objects member by member. */
function merged(earlier: unknown, later: unknown): unknown {
  if (!isObject(earlier) || !isObject(later)) return later;
  const members = new Map(Object.entries(earlier));
  for (const [key, value] of Object.entries(later)) members.set(key, merged(members.get(key), value));
  return Object.fromEntries(members);
}

function respellMembers(object: Record<string, unknown>, known: Readonly<Record<string, string>>, pointer: string, report: Report): void {
  const members = new Map<string, unknown>();
  for (const [key, value] of Object.entries(object)) {
    const spelling = Object.hasOwn(known, key) ? key : inAnotherCase(key, known);
    const name = spelling ?? key;
    if (name !== key)
      report.warn(`${pointer}/${escapePointer(key)}`, 'UNKNOWN_PROPERTY', `unknown property "${key}" is taken for "${name}"`);
    members.set(name, merged(members.get(name), value));
  }
  for (const key of Object.keys(object)) delete object[key];
  Object.defineProperties(object, Object.getOwnPropertyDescriptors(Object.fromEntries(members)));
}

/** Gives members whose names differ from known ones in case alone those names, as decoders of Go take them, with a warning each. */
export function respell(value: unknown, shape: string, pointer: string, report: Report): void {
  const known = shapes[shape];
  if (known === undefined || !isObject(value)) return;
  const isOther = (key: string): boolean => !Object.hasOwn(known, key) && inAnotherCase(key, known) !== undefined;
  if (Object.keys(value).some(isOther)) respellMembers(value, known, pointer, report);
  for (const [key, member] of Object.entries(value)) {
    const next = lookup(known, key);
    if (next !== undefined && next !== '') walkMember(member, next, `${pointer}/${escapePointer(key)}`, report, respell);
  }
}

/** Warns of members that the specification does not define (CFG-095), at every level. */
export function reportUnknownKeys(value: unknown, shape: string, pointer: string, report: Report): void {
  const known = shapes[shape];
  if (known === undefined || !isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const place = `${pointer}/${escapePointer(key)}`;
    const next = lookup(known, key);
    if (next === undefined) {
      const hint = report.warnings.length < EXPLAINED ? didYouMean(key, Object.keys(known)) : undefined;
      report.warn(place, 'UNKNOWN_PROPERTY', `unknown property "${key}" is ignored`, hint);
    } else if (next !== '') walkMember(member, next, place, report, reportUnknownKeys);
  }
}
