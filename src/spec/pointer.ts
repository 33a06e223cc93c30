/** JSON pointers (RFC 6901). */

import { lookup } from '../lookup.ts';

/** Escapes a member name for a pointer. */
export function escapePointer(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}

/** The member names and array indexes that a pointer goes through. */
export function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value a pointer leads to, undefined when there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const part of pointerParts(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = lookup(value as Record<string, unknown>, part);
  }
  return value;
}
