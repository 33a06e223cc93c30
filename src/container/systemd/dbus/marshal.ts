import { lookup } from '../../../lookup.ts';
/** Values as bytes, little-endian ("Marshaling" of the D-Bus Specification). */
import type { BusValue } from '../../../spec/unit-properties.ts';
import { BusError } from './error.ts';
import { ARRAY_LIMIT, MESSAGE_LIMIT, NESTING_LIMIT, OBJECT_PATH, smallIntegers } from './limits.ts';
import { alignmentOf, completeTypes, memberTypes, singleType } from './signature.ts';

const utf8 = new TextEncoder();

/** Ranges of the integers of 64 bits. */
const longIntegers: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
  x: [-(1n << 63n), (1n << 63n) - 1n],
  t: [0n, (1n << 64n) - 1n],
};

function unfit(type: string, value: unknown, code = 'EINVAL'): BusError {
  return new BusError(code, 'D-Bus value', `${typeof value === 'object' ? typeof value : String(value)} is no ${JSON.stringify(type)}`);
}

function whole(type: string, value: BusValue): bigint {
  if (typeof value === 'bigint') return value;
  if (!Number.isSafeInteger(value)) throw unfit(type, value);
  return BigInt(value as number);
}

function inRange(type: string, value: bigint, low: bigint, high: bigint): bigint {
  if (value < low || value > high) throw unfit(type, value, 'ERANGE');
  return value;
}

function list(type: string, value: BusValue): readonly BusValue[] {
  if (!Array.isArray(value)) throw unfit(type, value);
  return value as readonly BusValue[];
}

/** Bytes that grow, each value where its type may begin. */
export class Marshaller {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  private depth = 0;
  /** Bytes so far. */
  length = 0;

  /** Room for `extra` more bytes, zero. @returns where; `bytes` and `view` may be others afterwards */
  private reserve(extra: number): number {
    const at = this.length;
    if (at + extra > MESSAGE_LIMIT) throw new BusError('EMSGSIZE', 'D-Bus message', `longer than ${MESSAGE_LIMIT} bytes`);
    if (at + extra > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, at + extra));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.length += extra;
    return at;
  }

  /** Zero bytes up to the next multiple of `boundary`. */
  align(boundary: number): void {
    this.reserve(-this.length & (boundary - 1));
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
  }

  private word(value: number): void {
    this.align(4);
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
  }

  /** One value per complete type. @throws BusError EINVAL, ERANGE, EMSGSIZE */
  members(types: readonly string[], values: readonly BusValue[]): void {
    if (values.length !== types.length) throw new BusError('EINVAL', 'D-Bus value', `${values.length} values for ${types.length} types`);
    types.forEach((type, index) => {
      this.value(type, values[index] as BusValue);
    });
  }

  /** A value of a complete type. @throws BusError EINVAL, ERANGE, EMSGSIZE */
  value(type: string, value: BusValue): void {
    this.align(alignmentOf(type));
    if (/^[av({]/.test(type)) this.container(type, value);
    else this.basic(type, value);
  }

  private container(type: string, value: BusValue): void {
    if (++this.depth > NESTING_LIMIT) throw new BusError('EINVAL', 'D-Bus value', 'nested too deeply');
    if (type.startsWith('a')) this.array(type.slice(1), value);
    else if (type === 'v') this.variant(value);
    else this.members(memberTypes(type), list(type, value));
    this.depth--;
  }

  private basic(type: string, value: BusValue): void {
    if (lookup(smallIntegers, type)) this.small(type, value);
    else if (lookup(longIntegers, type)) this.long(type, value);
    else if (type === 'b' && typeof value === 'boolean') this.word(value ? 1 : 0);
    else if (type === 'd' && typeof value === 'number') this.double(value);
    else if (/^[sog]$/.test(type) && typeof value === 'string') this.text(type, value);
    else throw unfit(type, value);
  }

  private small(type: string, value: BusValue): void {
    const { size, low, high } = lookup(smallIntegers, type) ?? { size: 4, low: 0, high: 0 };
    const number = Number(inRange(type, whole(type, value), BigInt(low), BigInt(high)));
    const at = this.reserve(size);
    if (size === 1) this.view.setUint8(at, number);
    else if (size === 2) this.view.setUint16(at, number, true);
    else this.view.setUint32(at, number, true);
  }

  private long(type: string, value: BusValue): void {
    const [low, high] = lookup(longIntegers, type) ?? [0n, 0n];
    const number = inRange(type, whole(type, value), low, high);
    const at = this.reserve(8);
    // Halves: BigInt.asUintN(64, x) of the executable's engine is wrong from 2^63 on.
    this.view.setUint32(at, Number(number & 0xffffffffn), true);
    this.view.setUint32(at + 4, Number((number >> 32n) & 0xffffffffn), true);
  }

  private double(value: number): void {
    const at = this.reserve(8);
    this.view.setFloat64(at, value, true);
  }

  private text(type: string, value: string): void {
    if (value.includes('\0')) throw new BusError('EINVAL', 'D-Bus value', `NUL inside ${JSON.stringify(value)}`);
    if (type === 'o' && !OBJECT_PATH.test(value)) throw unfit(type, value);
    if (type === 'g') completeTypes(value);
    const bytes = utf8.encode(value);
    if (type === 'g') this.raw(Uint8Array.of(bytes.length));
    else this.word(bytes.length);
    this.raw(bytes);
    this.reserve(1);
  }

  /** A variant is the pair of its type and its value. */
  private variant(value: BusValue): void {
    const [signature, content, ...rest] = list('v', value);
    if (typeof signature !== 'string' || content === undefined || rest.length > 0) throw unfit('v', value);
    const type = singleType(signature);
    this.text('g', type);
    this.value(type, content);
  }

  private array(element: string, value: BusValue): void {
    this.word(0);
    const lengthAt = this.length - 4;
    this.align(alignmentOf(element));
    const start = this.length;
    if (element === 'y' && value instanceof Uint8Array) this.raw(value);
    else for (const item of list(`a${element}`, value)) this.value(element, item);
    const size = this.length - start;
    if (size > ARRAY_LIMIT) throw new BusError('EMSGSIZE', 'D-Bus value', `an array of ${size} bytes`);
    this.view.setUint32(lengthAt, size, true);
  }

  /** What has been written, up to the next write. */
  take(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
