import type { Mend } from './findings.ts';
import { pointerParts } from './pointer.ts';

function parentOf(root: unknown, path: readonly string[]): Record<string, unknown> | undefined {
  let value = root;
  for (const part of path.slice(0, -1)) value = (value as Record<string, unknown> | undefined)?.[part];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** Puts mended values in place. Items are taken out of arrays last, so that every pointer finds what it means. */
export function applyMends(root: unknown, mends: readonly Mend[]): void {
  const shortened = new Set<unknown[]>();
  for (const { pointer, value } of mends) {
    const path = pointerParts(pointer);
    const parent = parentOf(root, path);
    const key = path.at(-1);
    if (parent === undefined || key === undefined) continue;
    if (value !== undefined) parent[key] = value;
    else if (Array.isArray(parent)) {
      parent[Number(key)] = undefined;
      shortened.add(parent);
    } else delete parent[key];
  }
  for (const array of shortened) array.splice(0, array.length, ...array.filter((item) => item !== undefined));
}
