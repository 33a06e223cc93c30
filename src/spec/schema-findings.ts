import { lookup } from '../lookup.ts';
import type { FindingCode, Report } from './findings.ts';
import { missingText } from './missing.ts';
import { escapePointer, valueAt } from './pointer.ts';
import { didYouMean } from './suggest.ts';
import type { SchemaError } from './validate.gen.js';

/** What stands in an environment may be a secret. */
const isSecret = (pointer: string): boolean => /\/env(?:\/|$)/.test(pointer);

/** The value at a pointer in few characters, for messages. */
export function show(value: unknown, pointer: string): string {
  if (isSecret(pointer) && typeof value !== 'object') return `a ${typeof value}`;
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

const article: Readonly<Record<string, string>> = { array: 'an array', object: 'an object' };

/** Words of runc for members whose absence callers know by its message. */
const absence: Readonly<Record<string, string>> = {
  '/process/args': 'args must not be empty',
  '/args': 'args must not be empty',
  '/process/cwd': 'Cwd property must not be empty',
  '/cwd': 'Cwd property must not be empty',
};

interface Words {
  readonly pointer: string;
  readonly code: FindingCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly expected?: string | undefined;
}

function words(error: SchemaError, root: unknown): Words {
  const pointer = error.instancePath;
  const name = pointer.slice(pointer.lastIndexOf('/') + 1) || 'document';
  const found = valueAt(root, pointer);
  switch (error.keyword) {
    case 'required': {
      const missing = String(error.params['missingProperty']);
      const place = `${pointer}/${escapePointer(missing)}`;
      return { pointer: place, code: 'MISSING_PROPERTY', message: lookup(absence, place) ?? missingText(missing) };
    }
    case 'enum': {
      const allowed = error.params['allowedValues'] as readonly string[];
      const list = allowed.filter((value) => value !== '').join(', ');
      const message = `unknown value ${show(found, pointer)} for ${name}: expected one of ${list}`;
      const hint = typeof found === 'string' ? didYouMean(found, allowed) : undefined;
      return { pointer, code: 'UNKNOWN_VALUE', message, hint, expected: `one of ${list}` };
    }
    case 'integerFormat': {
      const lossy = typeof found === 'number' && Number.isInteger(found) && !Number.isSafeInteger(found);
      const format = String(error.params['format']);
      const expected = `${format.startsWith('i') ? 'an' : 'a'} ${format} integer`;
      const message = `invalid ${name}: expected ${expected}, found ${show(found, pointer)}`;
      return { pointer, code: 'BAD_INTEGER', message, hint: lossy ? 'pass integers beyond 2^53 as bigint' : undefined, expected };
    }
    default: {
      const type = String(error.params['type']);
      const expected = lookup(article, type) ?? `a ${type}`;
      return { pointer, code: 'WRONG_TYPE', message: `invalid ${name}: expected ${expected}, found ${show(found, pointer)}`, expected };
    }
  }
}

/** Turns the schema's errors into findings. */
export function reportSchemaErrors(errors: readonly SchemaError[], root: unknown, report: Report): void {
  for (const error of errors) {
    const { pointer, code, message, hint, expected } = words(error, root);
    report.error(pointer, code, message, hint, expected);
  }
}
