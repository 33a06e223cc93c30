/** Messages ("Message Format" of the D-Bus Specification). */
import type { BusValue } from '../../../spec/unit-properties.ts';
import { malformed } from './error.ts';
import { MESSAGE_LIMIT } from './limits.ts';
import { Marshaller } from './marshal.ts';
import { completeTypes } from './signature.ts';
import { Unmarshaller } from './unmarshal.ts';

const PROTOCOL_VERSION = 1;
const LITTLE_ENDIAN = 0x6c;
const BIG_ENDIAN = 0x42;
/** Bytes of a header up to the end of its fields' length. */
export const PREFIX_SIZE = 16;

export const messageTypes = { call: 1, reply: 2, error: 3, signal: 4 } as const;

/** Header fields by number: what they are called here, and their type. */
const fields: Readonly<Record<number, readonly [name: keyof Fields, type: string]>> = {
  1: ['path', 'o'],
  2: ['interface', 's'],
  3: ['member', 's'],
  4: ['errorName', 's'],
  5: ['replySerial', 'u'],
  6: ['destination', 's'],
  7: ['sender', 's'],
  8: ['signature', 'g'],
};

interface Fields {
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
  readonly signature?: string;
}

/** A message that was received. */
export interface Message extends Fields {
  /** One of messageTypes; others are to be ignored. */
  readonly type: number;
  readonly serial: number;
  /** The values of the body. @throws BusError EBADMSG unless it has exactly this signature */
  body(signature: string): BusValue[];
}

/** What a method call says. */
export interface MethodCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  /** One value per complete type of the signature. */
  readonly arguments: readonly BusValue[];
}

/**
 * The bytes of a METHOD_CALL.
 * @param serial not 0, and another one for each message of a connection
 * @throws BusError EINVAL, ERANGE, EMSGSIZE
 */
export function encodeCall(call: MethodCall, serial: number): Uint8Array {
  const body = new Marshaller();
  body.members(completeTypes(call.signature), call.arguments);
  const present = Object.entries(fields).filter(([, [name]]) => name in call && call[name as keyof MethodCall] !== '');
  const header = present.map(([number, [name, type]]) => [Number(number), [type, call[name as keyof MethodCall] as string]]);
  const message = new Marshaller();
  message.members(completeTypes('yyyyuua(yv)'), [LITTLE_ENDIAN, messageTypes.call, 0, PROTOCOL_VERSION, body.length, serial, header]);
  message.align(8);
  message.raw(body.take());
  return message.take();
}

/**
 * Size in bytes of the message that begins with these PREFIX_SIZE bytes.
 * @throws BusError EBADMSG
 */
export function messageSize(prefix: Uint8Array): number {
  const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_SIZE);
  const [order, , , version] = prefix;
  if (order !== LITTLE_ENDIAN && order !== BIG_ENDIAN) throw malformed(`a byte order of ${order}`);
  if (version !== PROTOCOL_VERSION) throw malformed(`version ${version} of the protocol`);
  const [bodySize, fieldsSize] = [view.getUint32(4, order === LITTLE_ENDIAN), view.getUint32(12, order === LITTLE_ENDIAN)];
  const size = Math.ceil((PREFIX_SIZE + fieldsSize) / 8) * 8 + bodySize;
  if (size > MESSAGE_LIMIT) throw malformed(`it is longer than ${MESSAGE_LIMIT} bytes`);
  return size;
}

/** Fields that a message of each type has to have. */
const required: Readonly<Record<number, readonly (keyof Fields)[]>> = {
  [messageTypes.call]: ['path', 'member'],
  [messageTypes.reply]: ['replySerial'],
  [messageTypes.error]: ['errorName', 'replySerial'],
  [messageTypes.signal]: ['path', 'interface', 'member'],
};

/** Header fields by name; those with a number that is not known are to be ignored. */
function namedFields(list: readonly (readonly [number: number, variant: readonly [type: string, value: BusValue]])[]): Fields {
  const named = new Map<string, BusValue>();
  for (const [number, [type, value]] of list) {
    const [name, wanted] = fields[number] ?? [];
    if (name === undefined) continue;
    if (type !== wanted) throw malformed(`the header field ${name} is of type ${JSON.stringify(type)}`);
    named.set(name, value);
  }
  return Object.fromEntries(named);
}

/**
 * Reads the header of one whole message.
 * @throws BusError EBADMSG, EINVAL (a signature)
 */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length < PREFIX_SIZE || bytes.length !== messageSize(bytes)) throw malformed('its size is not what the header says');
  const littleEndian = bytes[0] === LITTLE_ENDIAN;
  const header = new Unmarshaller(bytes, littleEndian, 1);
  const [type, , , bodySize, serial, list] = header.values('yyyuua(yv)') as [number, number, number, number, number, never];
  header.align(8);
  const named = namedFields(list);
  if (type === 0 || serial === 0) throw malformed('its type or serial is 0');
  const missing = required[type]?.find((name) => named[name] === undefined);
  if (missing) throw malformed(`the header field ${missing} is missing`);
  const body = (wanted: string): BusValue[] => {
    const { signature = '' } = named;
    if (signature !== wanted) throw malformed(`its signature is ${JSON.stringify(signature)}, not ${JSON.stringify(wanted)}`);
    const reader = new Unmarshaller(bytes, littleEndian, bytes.length - bodySize);
    const values = reader.values(signature);
    reader.end();
    return values;
  };
  return { ...named, type, serial, body };
}
