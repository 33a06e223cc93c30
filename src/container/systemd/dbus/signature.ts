import { lookup } from '../../../lookup.ts';
/** Types of D-Bus as text ("Type System" of the D-Bus Specification). */
import { BusError } from './error.ts';

/** Longest signature, in bytes. */
const LENGTH_LIMIT = 255;
/** How deep arrays, and structures, may be within each other. */
const DEPTH_LIMIT = 32;

const BASIC = /[ybnqiuxtdsogh]/;

/** Boundary in bytes on which a value of each type begins, by the first letter of the type. */
const alignments: Readonly<Record<string, number>> = {
  y: 1,
  g: 1,
  v: 1,
  n: 2,
  q: 2,
  b: 4,
  i: 4,
  u: 4,
  s: 4,
  o: 4,
  a: 4,
  h: 4,
  x: 8,
  t: 8,
  d: 8,
  '(': 8,
  '{': 8,
};

/** Boundary in bytes on which a value of the type begins, from the start of the message. */
export function alignmentOf(type: string): number {
  return lookup(alignments, type.charAt(0)) ?? 1;
}

function invalid(signature: string, why: string): BusError {
  return new BusError('EINVAL', 'D-Bus signature', `${JSON.stringify(signature)} ${why}`);
}

/** Finds where complete types end. */
class Scanner {
  private readonly signature: string;

  constructor(signature: string) {
    this.signature = signature;
  }

  /** End of the complete type that starts at `at`. @throws BusError EINVAL */
  end(at: number, arrays = 0, structures = 0): number {
    const letter = this.signature.charAt(at);
    if (arrays > DEPTH_LIMIT || structures > DEPTH_LIMIT) throw invalid(this.signature, 'is nested too deeply');
    if (letter === 'a' && this.signature.charAt(at + 1) === '{') return this.entryEnd(at + 2, arrays + 1, structures + 1);
    if (letter === 'a') return this.end(at + 1, arrays + 1, structures);
    if (letter === '(') return this.structureEnd(at + 1, arrays, structures + 1);
    if (letter === 'v' || (letter !== '' && BASIC.test(letter))) return at + 1;
    throw invalid(this.signature, letter === '' ? 'ends within a type' : `has ${JSON.stringify(letter)} where a type should be`);
  }

  private structureEnd(first: number, arrays: number, structures: number): number {
    let at = this.end(first, arrays, structures);
    while (this.signature.charAt(at) !== ')') at = this.end(at, arrays, structures);
    return at + 1;
  }

  /** A dictionary's entry: a key of a basic type and one value. */
  private entryEnd(key: number, arrays: number, structures: number): number {
    if (!BASIC.test(this.signature.charAt(key))) throw invalid(this.signature, 'has a key that is not basic');
    const at = this.end(key + 1, arrays, structures);
    if (this.signature.charAt(at) !== '}') throw invalid(this.signature, 'has an entry that is not a pair');
    return at + 1;
  }
}

/**
 * The complete types of a signature, one after the other: "sa(sv)" → ["s", "a(sv)"].
 * @throws BusError EINVAL
 */
export function completeTypes(signature: string): string[] {
  if (signature.length > LENGTH_LIMIT) throw invalid(signature, `is longer than ${LENGTH_LIMIT} bytes`);
  const scanner = new Scanner(signature);
  const types: string[] = [];
  for (let at = 0, end = 0; at < signature.length; at = end) {
    end = scanner.end(at);
    types.push(signature.slice(at, end));
  }
  return types;
}

/** The one complete type that a variant's signature is. @throws BusError EINVAL */
export function singleType(signature: string): string {
  const [type, ...rest] = completeTypes(signature);
  if (type === undefined || rest.length > 0) throw invalid(signature, 'is not one complete type');
  return type;
}

/** The types within "(…)" or "{…}". */
export function memberTypes(type: string): string[] {
  return completeTypes(type.slice(1, -1));
}
