/** Values from bytes of either order ("Marshaling" of the D-Bus Specification). All throw BusError EBADMSG or EINVAL (a signature). */
import type { BusValue } from '../../../spec/unit-properties.ts';
import { malformed } from './error.ts';
import { ARRAY_LIMIT, NESTING_LIMIT, OBJECT_PATH } from './limits.ts';
import { alignmentOf, completeTypes, memberTypes, singleType } from './signature.ts';

/** Reads a message from its first byte on: boundaries count from there. */
export class Unmarshaller {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly littleEndian: boolean;
  private depth = 0;
  private at: number;

  /** @param at where to begin, in bytes from the start of the message */
  constructor(bytes: Uint8Array, littleEndian: boolean, at: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.littleEndian = littleEndian;
    this.at = at;
  }

  private take(size: number): number {
    const at = this.at;
    if (size > this.bytes.length - at) throw malformed('it ends within a value');
    this.at += size;
    return at;
  }

  /** Padding up to the next multiple of `boundary`, which has to be zero. */
  align(boundary: number): void {
    const size = -this.at & (boundary - 1);
    const at = this.take(size);
    if (this.bytes.subarray(at, at + size).some((byte) => byte !== 0)) throw malformed('padding that is not zero');
  }

  /** The end of the message has to be here. */
  end(): void {
    if (this.at !== this.bytes.length) throw malformed('bytes after its last value');
  }

  /** One value per complete type of the signature. */
  values(signature: string): BusValue[] {
    return completeTypes(signature).map((type) => this.value(type));
  }

  /** Arrays and structures are arrays, "ay" a Uint8Array, a variant is [type, value], an integer of 64 bits is a bigint. */
  value(type: string): BusValue {
    this.align(alignmentOf(type));
    switch (type.charAt(0)) {
      case 'a':
        return this.within(() => this.array(type.slice(1)));
      case '(':
      case '{':
        return this.within(() => memberTypes(type).map((member) => this.value(member)));
      case 'v':
        return this.within(() => this.variant());
      default:
        return this.basic(type);
    }
  }

  private within(body: () => BusValue): BusValue {
    if (++this.depth > NESTING_LIMIT) throw malformed('nested too deeply');
    const value = body();
    this.depth--;
    return value;
  }

  private basic(type: string): BusValue {
    switch (type) {
      case 'y':
        return this.view.getUint8(this.take(1));
      case 'n':
        return this.view.getInt16(this.take(2), this.littleEndian);
      case 'q':
        return this.view.getUint16(this.take(2), this.littleEndian);
      case 'i':
        return this.view.getInt32(this.take(4), this.littleEndian);
      case 'x':
      case 't':
        return this.long(type === 'x');
      case 'd':
        return this.view.getFloat64(this.take(8), this.littleEndian);
      case 'b':
        return this.boolean();
      case 's':
      case 'o':
        return this.string(type);
      case 'g':
        return this.signature();
      default:
        return this.word();
    }
  }

  private word(): number {
    return this.view.getUint32(this.take(4), this.littleEndian);
  }

  private long(signed: boolean): bigint {
    const [first, second] = [BigInt(this.word()), BigInt(this.word())];
    const value = this.littleEndian ? (second << 32n) | first : (first << 32n) | second;
    return signed && value >= 1n << 63n ? value - (1n << 64n) : value;
  }

  private boolean(): boolean {
    const value = this.word();
    if (value > 1) throw malformed(`a boolean of ${value}`);
    return value === 1;
  }

  private string(type: string): string {
    const text = this.text(this.word());
    if (type === 'o' && !OBJECT_PATH.test(text)) throw malformed(`an object path ${JSON.stringify(text)}`);
    return text;
  }

  private signature(): string {
    const text = this.text(this.view.getUint8(this.take(1)));
    completeTypes(text);
    return text;
  }

  /** UTF-8 with a NUL behind it and none within. */
  private text(size: number): string {
    const at = this.take(size);
    const bytes = this.bytes.subarray(at, at + size);
    if (this.view.getUint8(this.take(1)) !== 0 || bytes.includes(0)) throw malformed('a string that does not end with its NUL');
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw malformed('a string that is not UTF-8');
    }
  }

  private variant(): BusValue {
    const type = singleType(this.signature());
    return [type, this.value(type)];
  }

  private array(element: string): BusValue {
    const size = this.word();
    if (size > ARRAY_LIMIT) throw malformed(`an array of ${size} bytes`);
    this.align(alignmentOf(element));
    const start = this.take(size);
    if (element === 'y') return this.bytes.slice(start, this.at);
    const end = this.at;
    this.at = start;
    const items: BusValue[] = [];
    // Every type takes a byte at least, so that this ends.
    while (this.at < end) items.push(this.value(element));
    if (this.at !== end) throw malformed('an array that ends within an element');
    return items;
  }
}
