import { RuntimeError } from '../errors.ts';
import { lookup } from '../lookup.ts';
import { isHarmless } from './harmless-properties.ts';
import { escapePointer } from './pointer.ts';

/** A value for the bus: structures and arrays are arrays, "ay" is a Uint8Array. */
export type BusValue = string | boolean | number | bigint | Uint8Array | readonly BusValue[];

/** A property of a unit: its name, and a variant of D-Bus type and value. */
export type UnitProperty = readonly [name: string, variant: readonly [type: string, value: BusValue]];

/** What the annotations that set properties of a container's scope begin with. */
export const propertyPrefix = 'org.systemd.property.';
/** What the runtime itself decides: a container whose process is elsewhere could not be stopped. */
const reserved = new Set(['PIDs', 'Slice', 'Delegate', 'Description']);
/** What it decides so in any case: engines ask for it. */
const alwaysSo: Readonly<Record<string, string>> = { Delegate: 'true' };

/** Integer types by the word that GVariant text has for them, with their D-Bus letter and range. */
const integers: Readonly<Record<string, readonly [type: string, low: bigint, high: bigint]>> = {
  byte: ['y', 0n, (1n << 8n) - 1n],
  int16: ['n', -(1n << 15n), (1n << 15n) - 1n],
  uint16: ['q', 0n, (1n << 16n) - 1n],
  int32: ['i', -(1n << 31n), (1n << 31n) - 1n],
  uint32: ['u', 0n, (1n << 32n) - 1n],
  int64: ['x', -(1n << 63n), (1n << 63n) - 1n],
  uint64: ['t', 0n, (1n << 64n) - 1n],
};

type Variant = readonly [type: string, value: BusValue];

/** Reads GVariant text (gvariant-text(7)): strings, booleans, integers with an optional type before them, and arrays of one of these. */
class Reader {
  private rest: string;

  constructor(text: string) {
    this.rest = text.trim();
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.rest);
    if (match?.index !== 0) return undefined;
    this.rest = this.rest.slice(match[0].length).trimStart();
    return match;
  }

  /** The whole text as one value. @throws SyntaxError */
  whole(): Variant {
    const value = this.value();
    if (this.rest !== '') throw new SyntaxError(`unexpected ${JSON.stringify(this.rest)}`);
    return value;
  }

  private value(): Variant {
    if (this.take(/^\[/)) return this.array();
    const string = this.take(/^'((?:[^'\\]|\\['"\\])*)'/) ?? this.take(/^"((?:[^"\\]|\\['"\\])*)"/);
    if (string) return ['s', (string[1] ?? '').replace(/\\(.)/g, '$1')];
    const boolean = this.take(/^(true|false)\b/);
    if (boolean) return ['b', boolean[1] === 'true'];
    const word = this.take(/^(byte|u?int(?:16|32|64))\s+/)?.[1];
    const digits = this.take(/^(?:0x[0-9a-fA-F]+|-?\d+)(?![\w.])/)?.[0];
    if (digits === undefined) throw new SyntaxError('expected a string, a boolean, a number or an array');
    return integer(word ?? 'int32', BigInt(digits.replace('-', '')) * (digits.startsWith('-') ? -1n : 1n));
  }

  private array(): Variant {
    const items: Variant[] = [];
    while (!this.take(/^\]/)) {
      if (items.length > 0 && !this.take(/^,/)) throw new SyntaxError('expected "," or "]"');
      const item = this.value();
      // The type of the first number holds for those after it.
      const word = Object.keys(integers).find((name) => lookup(integers, name)?.[0] === items[0]?.[0]);
      items.push(item[0] === 'i' && word !== undefined ? integer(word, item[1] as bigint) : item);
    }
    const type = items[0]?.[0];
    if (type === undefined) throw new SyntaxError('an empty array has no type');
    if (items.some((item) => item[0] !== type)) throw new SyntaxError('an array has one type');
    const values = items.map(([, value]) => value);
    return [`a${type}`, type === 'y' ? Uint8Array.from(values, Number) : values];
  }
}

function integer(word: string, value: bigint): Variant {
  const [type, low, high] = lookup(integers, word) ?? ['i', 0n, 0n];
  if (value < low || value > high) throw new SyntaxError(`${value} is out of the range of ${word}`);
  return [type, value];
}

/** Seconds, as people write them, become the microseconds of systemd's properties. */
function inMicroseconds(name: string, [type, value]: Variant): UnitProperty {
  if (typeof value !== 'bigint' || value < 0n) throw new SyntaxError('a time must be a number of seconds, not negative');
  if (!Object.values(integers).some(([letter]) => letter === type)) throw new SyntaxError('a time must be a number');
  return [`${name.slice(0, -'Sec'.length)}USec`, ['t', value * 1_000_000n]];
}

function property(name: string, text: string): UnitProperty {
  if (!/^[A-Za-z]{3,}$/.test(name)) throw new SyntaxError('a property name has three letters or more, and nothing else');
  if (reserved.has(name) && lookup(alwaysSo, name) !== text.trim()) throw new SyntaxError(`${name} is the runtime's to set`);
  const variant = new Reader(text).whole();
  return /[a-z]Sec$/.test(name) ? inMicroseconds(name, variant) : [name, variant];
}

/** Why an annotation sets nothing. */
export interface AnnotationFault {
  readonly message: string;
  readonly hint?: string;
}

/**
 * What is wrong with an annotation "org.systemd.property.NAME", in the words of its error; undefined for one that sets a property, and any other.
 * @param allowed names of annotations that the caller allows although what they set can reach beyond the container
 */
export function annotationFault(key: string, text: string, allowed: readonly string[] = []): AnnotationFault | undefined {
  if (!key.startsWith(propertyPrefix)) return undefined;
  try {
    const [name] = property(key.slice(propertyPrefix.length), text);
    if (isHarmless(name) || allowed.includes(key)) return undefined;
    const message = `annotation ${key}: this property may concern more than the container, and the caller has not allowed it`;
    return { message, hint: `runts --allow-annotation ${key} allows it` };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { message: `annotation ${key}=${text}: ${error.message}` };
  }
}

/**
 * The properties that annotations "org.systemd.property.NAME" ask for (CLI-118).
 * @param allowed as for `annotationFault`
 * @throws RuntimeError INVALID_ANNOTATION
 */
export function annotatedProperties(annotations: Readonly<Record<string, string>>, allowed: readonly string[] = []): UnitProperty[] {
  const given = Object.entries(annotations).filter(([key]) => key.startsWith(propertyPrefix));
  return given.map(([key, text]) => {
    const fault = annotationFault(key, text, allowed);
    if (fault !== undefined) {
      const { message, ...more } = fault;
      throw new RuntimeError('INVALID_ANNOTATION', message, { pointer: `/annotations/${escapePointer(key)}`, ...more });
    }
    return property(key.slice(propertyPrefix.length), text);
  });
}
