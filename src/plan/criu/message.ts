/**
 * Messages of Protocol Buffers by tables of their fields: what a generated codec would do, for the few messages and types that are spoken here.
 * Fields that no table has are skipped, as the format wants it (protobuf.dev, "Encoding"). The libraries for it look at the environment when they are
 * loaded, which is when the executable is built.
 */

import { lookup } from '../../lookup.ts';

type Scalar = 'int32' | 'uint32' | 'bool' | 'string';

interface Field {
  readonly number: number;
  readonly type: Scalar | MessageFields;
  readonly repeated?: true;
}

/** The fields of a message by their names. */
export interface MessageFields {
  readonly [name: string]: Field;
}

type ValueOf<T extends Field['type']> = T extends 'int32' | 'uint32'
  ? number
  : T extends 'bool'
    ? boolean
    : T extends 'string'
      ? string
      : T extends MessageFields
        ? Message<T>
        : never;

/** What a message with these fields holds. Every field may be absent. */
export type Message<T extends MessageFields> = {
  readonly [N in keyof T]?: T[N] extends { readonly repeated: true } ? readonly ValueOf<T[N]['type']>[] : ValueOf<T[N]['type']>;
};

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Bytes of the longest variable-length integer: a negative one counts as of 64 bits. */
const MOST_VARINT = 10;

const wireTypeOf = (type: Field['type']): number => (typeof type === 'string' && type !== 'string' ? VARINT : LENGTH_DELIMITED);

/** Appends the 64 bits of a number of 32, seven at a time, the lowest first. */
function writeVarint(to: number[], value: number): void {
  let [low, high] = [value >>> 0, value < 0 ? 0xffff_ffff : 0];
  while (high !== 0 || low > 0x7f) {
    to.push((low & 0x7f) | 0x80);
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  to.push(low);
}

function number(value: unknown, signed: boolean): number {
  const [least, most] = signed ? [-0x8000_0000, 0x7fff_ffff] : [0, 0xffff_ffff];
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw new RangeError(`${String(value)} is no number of 32 bits`);
}

function writeValue(to: number[], { number: field, type }: Field, value: unknown): void {
  writeVarint(to, field * 8 + wireTypeOf(type));
  if (type === 'bool') to.push(value ? 1 : 0);
  else if (type === 'int32' || type === 'uint32') writeVarint(to, number(value, type === 'int32'));
  else {
    const bytes = type === 'string' ? new TextEncoder().encode(value as string) : encode(type, value as Message<MessageFields>);
    writeVarint(to, bytes.length);
    for (const byte of bytes) to.push(byte);
  }
}

/** @throws RangeError for a number that its field cannot hold */
export function encode<T extends MessageFields>(fields: T, message: Message<T>): Uint8Array {
  const bytes: number[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const value: unknown = lookup(message as Readonly<Record<string, unknown>>, name);
    if (value === undefined) continue;
    for (const one of field.repeated ? (value as readonly unknown[]) : [value]) writeValue(bytes, field, one);
  }
  return Uint8Array.from(bytes);
}

/** Reads from the front. */
class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** The low 32 bits of a variable-length integer. */
  varint(): number {
    let value = 0;
    for (let count = 0; count < MOST_VARINT; count++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError('the message ends in a number');
      if (count < 5) value |= (byte & 0x7f) << (7 * count);
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number of more than 64 bits');
  }

  take(size: number): Uint8Array {
    if (size > this.bytes.length - this.at) throw new RangeError('the message ends in a field');
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.varint();
    else if (wireType === LENGTH_DELIMITED) this.take(this.varint());
    else if (wireType === FIXED64) this.take(8);
    else if (wireType === FIXED32) this.take(4);
    else throw new RangeError(`a field of the unknown type ${wireType}`);
  }

  value(type: Field['type']): unknown {
    if (type === 'bool') return this.varint() !== 0;
    if (type === 'uint32') return this.varint();
    if (type === 'int32') return this.varint() | 0;
    const bytes = this.take(this.varint());
    return type === 'string' ? new TextDecoder().decode(bytes) : decode(type, bytes);
  }
}

/** @throws RangeError for bytes that are no message; a field of another wire type than its own is skipped */
export function decode<T extends MessageFields>(fields: T, bytes: Uint8Array): Message<T> {
  const names = new Map(Object.entries(fields).map(([name, field]) => [field.number, { name, field }]));
  const message: Record<string, unknown> = {};
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const known = names.get(tag >>> 3);
    if (known === undefined || wireTypeOf(known.field.type) !== (tag & 7)) {
      reader.skip(tag & 7);
      continue;
    }
    const { name, field } = known;
    const value = reader.value(field.type);
    message[name] = field.repeated ? [...((lookup(message, name) as unknown[] | undefined) ?? []), value] : value;
  }
  return message as Message<T>;
}
