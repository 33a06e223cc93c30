import { type Action, type FieldType, type Op, opNumbers, ops } from './ops.ts';
import { type InitStage, stages } from './places.ts';

/**
 * The bytes that carry a plan to init: a header `{magic, abi, length}` followed by records `{op, stage, length}` + payload, little-endian,
 * every record and every field aligned to 8 bytes. Scalars take one 8-byte word; strings and byte strings are
 * `{length: u64, bytes, NUL, padding}`, so that C++ points into the mapping and copies nothing.
 */

/** First word of every plan: "RUNTSPLN" read as a little-endian number. */
export const PLAN_MAGIC = 0x4e4c5053544e5552n;
/** Raised whenever an operation or its payload changes. */
export const PLAN_ABI = 2;
const utf8 = new TextEncoder();

/** Bytes that are free in front of every record and behind every text and list: more than the numbers of any record take. */
const MARGIN = 512;

/**
 * Bytes that grow, a multiple of 8 at any time, all zero where nothing was written. Numbers are written as two halves, because arithmetic on
 * bigint costs a start more than everything else here, and by way of 32-bit words: every machine that runts runs on is little-endian.
 */
class Writer {
  private bytes = new Uint8Array(16_384);
  private words = new Uint32Array(this.bytes.buffer);
  length = 0;

  /** Makes room for `extra` bytes and the margin. */
  reserve(extra: number): void {
    const least = this.length + extra + MARGIN;
    if (least <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, (least + 7) & ~7));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.words = new Uint32Array(grown.buffer);
  }

  /** A number from 0 to 2^32 - 1. */
  number(value: number): void {
    this.words[this.length >> 2] = value;
    this.length += 8;
  }

  /** A word of two halves, each from 0 to 2^32 - 1. */
  halves(low: number, high: number): void {
    const at = this.length >> 2;
    this.words[at] = low;
    this.words[at + 1] = high;
    this.length += 8;
  }

  long(value: bigint): void {
    this.halves(Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
  }

  text(value: string): void {
    // UTF-8 needs at most three bytes for a unit of UTF-16.
    this.reserve(16 + value.length * 3);
    const { written } = utf8.encodeInto(value, this.bytes.subarray(this.length + 8));
    this.close(written);
  }

  blob(value: Uint8Array): void {
    this.reserve(16 + value.length);
    this.bytes.set(value, this.length + 8);
    this.close(value.length);
  }

  /** Length in front of `size` bytes that lie there already; NUL and padding are behind them. */
  private close(size: number): void {
    this.number(size);
    this.length += (size + 8) & ~7;
  }

  patch(at: number, value: number): void {
    this.words[at >> 2] = value;
  }

  take(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

function writeList<T>(out: Writer, values: readonly T[], write: (value: T) => void): void {
  out.reserve(8 + values.length * 8);
  out.number(values.length);
  for (let i = 0; i < values.length; i++) write(values[i] as T);
}

type WriteField = (out: Writer, value: never) => void;

const number: WriteField = (out, value: number) => out.number(value);
const long: WriteField = (out, value: bigint) => out.long(value);

const writers: Readonly<Record<FieldType, WriteField>> = {
  u32: number,
  slot: number,
  u64: long,
  i64: long,
  bool: (out, value: boolean) => out.number(value ? 1 : 0),
  str: (out, value: string) => out.text(value),
  bytes: (out, value: Uint8Array) => out.blob(value),
  strs: (out, value: readonly string[]) => writeList(out, value, (item) => out.text(item)),
  u32s: (out, value: readonly number[]) => writeList(out, value, (item) => out.number(item)),
  u64s: (out, value: readonly bigint[]) => writeList(out, value, (item) => out.long(item)),
};

interface Layout {
  readonly names: readonly string[];
  readonly writes: readonly WriteField[];
}

/** How the fields of each operation are written, in their order. */
const layouts = Object.fromEntries(
  Object.entries(ops).map(([op, fields]) => [
    op,
    { names: Object.keys(fields), writes: Object.values(fields).map((type) => writers[type]) },
  ]),
) as unknown as Readonly<Record<Op, Layout>>;

/** A record of the plan that init runs. `index` is the step's number in the plan and comes back in events. */
export interface WireStep {
  readonly index: number;
  readonly stage: InitStage;
  readonly action: Action;
}

/**
 * Encodes steps for init: header of three words, then per record three words (op | stage << 32, step index, payload length) and the payload.
 * @returns the bytes, valid until the next call's garbage is collected; copy to keep.
 */
export function encodePlan(steps: readonly WireStep[]): Uint8Array {
  const out = new Writer();
  out.long(PLAN_MAGIC);
  out.number(PLAN_ABI);
  out.number(0);
  for (const { index, stage, action } of steps) writeRecord(out, index, stages[stage], action);
  out.patch(16, out.length);
  return out.take();
}

function writeRecord(out: Writer, index: number, stage: number, action: Action): void {
  out.reserve(0);
  out.halves(opNumbers[action.op], stage);
  out.number(index);
  const lengthAt = out.length;
  out.number(0);
  const { names, writes } = layouts[action.op];
  const values = action as unknown as Readonly<Record<string, never>>;
  // By index: iterators cost more than what they run over.
  for (let i = 0; i < names.length; i++) (writes[i] as WriteField)(out, values[names[i] as string] as never);
  out.patch(lengthAt, out.length - lengthAt - 8);
}
