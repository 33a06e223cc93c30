import { RuntimeError } from '../errors.ts';
import { MAX_DEPTH, parseStrict, type StrictOptions } from './json-strict.ts';

/** Larger documents are refused before they are parsed. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** Characters beyond which the depth of a document is looked at. */
const LONG = 64 * 1024;

/** Integers of as many digits may be beyond what a double holds. */
const LONG_INTEGER = 16;
const longInteger = /\d{16}/;

/** Looks at one character in sixteen, because one of them is in every such integer. What is found inside strings only costs time. */
function hasLongInteger(text: string): boolean {
  for (let i = LONG_INTEGER - 1; i < text.length; i += LONG_INTEGER) {
    const code = text.charCodeAt(i);
    // "0" to "9"
    if (code >= 48 && code <= 57 && longInteger.test(text.slice(i - LONG_INTEGER + 1, i + LONG_INTEGER))) return true;
  }
  return false;
}

/**
 * Parses JSON without losing digits: integers beyond 2^53 become bigint. Of repeated member names the last wins (GLO-002).
 * @throws RuntimeError INVALID_JSON with line and column
 */
export function parseJson(text: string, options: StrictOptions = {}): unknown {
  if (text.length > MAX_LENGTH) throw new RuntimeError('INVALID_JSON', `invalid JSON: larger than ${MAX_LENGTH} characters`);
  if (options.onDuplicate || options.onValue || hasLongInteger(text)) return parseStrict(text, options);
  const value = parseFast(text);
  // The walk costs as much as the parser, and what is shorter cannot be deep enough to do harm.
  if (text.length > LONG && isDeeper(value, MAX_DEPTH)) throw tooDeep();
  return value;
}

function parseFast(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message differs between Node and Bun and lacks line and column.
    return parseStrict(text);
  }
}

const tooDeep = (): RuntimeError => new RuntimeError('INVALID_JSON', `invalid JSON: more than ${MAX_DEPTH} levels`);

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/**
 * Removes members that are null, in place: engines written in Go send null where a member is absent. Nulls in arrays stay.
 * @throws RuntimeError INVALID_JSON beyond 200 levels
 */
export function dropNulls(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw tooDeep();
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, depth + 1);
    return;
  }
  const object = value as Record<string, unknown>;
  for (const name of Object.keys(object)) {
    if (object[name] === null) delete object[name];
    else dropNulls(object[name], depth + 1);
  }
}
