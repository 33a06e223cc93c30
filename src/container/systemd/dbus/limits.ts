/** Limits of the D-Bus Specification, "Marshaling" and "Message Format". */

/** Largest message with its header, in bytes. */
export const MESSAGE_LIMIT = 1 << 27;
/** Largest array without the padding before its first element, in bytes. */
export const ARRAY_LIMIT = 1 << 26;
/** Containers within each other, variants among them. */
export const NESTING_LIMIT = 64;

/** Form of an object path: "Valid Object Paths". */
export const OBJECT_PATH = /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/;
/** Integers of 32 bits and fewer: their size in bytes and their range. */
export const smallIntegers: Readonly<Record<string, { readonly size: 1 | 2 | 4; readonly low: number; readonly high: number }>> = {
  y: { size: 1, low: 0, high: 0xff },
  n: { size: 2, low: -0x8000, high: 0x7fff },
  q: { size: 2, low: 0, high: 0xffff },
  i: { size: 4, low: -0x80000000, high: 0x7fffffff },
  u: { size: 4, low: 0, high: 0xffffffff },
};
