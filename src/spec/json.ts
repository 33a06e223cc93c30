import { RuntimeError } from '../errors.ts';
import { MAX_DEPTH, parseStrict } from './json-strict.ts';

/** Larger documents are refused before they are parsed. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** An integer that a double may not hold; matches inside strings only cost time. */
const longInteger = /\d{16}/;

/**
 * Parses JSON without losing digits: integers beyond 2^53 become bigint. Of repeated member names the last wins (GLO-002).
 * @throws RuntimeError INVALID_JSON with line and column
 */
export function parseJson(text: string): unknown {
  if (text.length > MAX_LENGTH) throw new RuntimeError('INVALID_JSON', `invalid JSON: larger than ${MAX_LENGTH} characters`);
  if (longInteger.test(text)) return parseStrict(text);
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message differs between Node and Bun and lacks line and column.
    return parseStrict(text);
  }
}

/**
 * Removes members that are null, in place: engines written in Go send null where a member is absent. Nulls in arrays stay.
 * @throws RuntimeError INVALID_JSON beyond 200 levels
 */
export function dropNulls(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw new RuntimeError('INVALID_JSON', `invalid JSON: more than ${MAX_DEPTH} levels`);
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
