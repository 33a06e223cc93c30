/**
 * Messages of Protocol Buffers by tables of their fields: what a generated codec would do, for the few messages that are spoken here. Fields that
 * no table has are skipped, as the format wants it.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

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

const wireTypeOf = (type: Field['type']): WireType =>
  typeof type === 'string' && type !== 'string' ? WireType.Varint : WireType.LengthDelimited;

function writeValue(writer: BinaryWriter, { number, type }: Field, value: unknown): void {
  writer.tag(number, wireTypeOf(type));
  if (typeof type !== 'string') writer.bytes(encode(type, value as Message<MessageFields>));
  else if (type === 'string') writer.string(value as string);
  else if (type === 'bool') writer.bool(value as boolean);
  else if (type === 'uint32') writer.uint32(value as number);
  else writer.int32(value as number);
}

/** @throws RangeError for a number that its field cannot hold */
export function encode<T extends MessageFields>(fields: T, message: Message<T>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [name, field] of Object.entries(fields)) {
    const value: unknown = message[name];
    if (value === undefined) continue;
    for (const one of field.repeated ? (value as readonly unknown[]) : [value]) writeValue(writer, field, one);
  }
  return writer.finish();
}

function readValue(reader: BinaryReader, type: Field['type']): unknown {
  if (typeof type !== 'string') return decode(type, reader.bytes());
  return reader[type]();
}

/** @throws Error for bytes that are no message; a field of another wire type than its own is skipped */
export function decode<T extends MessageFields>(fields: T, bytes: Uint8Array): Message<T> {
  const names = new Map(Object.entries(fields).map(([name, field]) => [field.number, { name, field }]));
  const message: Record<string, unknown> = {};
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const known = names.get(number);
    if (known === undefined || wireTypeOf(known.field.type) !== wireType) {
      reader.skip(wireType, number);
      continue;
    }
    const { name, field } = known;
    const value = readValue(reader, field.type);
    message[name] = field.repeated ? [...((message[name] as unknown[] | undefined) ?? []), value] : value;
  }
  return message as Message<T>;
}
