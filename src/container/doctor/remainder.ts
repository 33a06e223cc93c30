import { escapePointer, pointerParts } from '../../spec/pointer.ts';
import type { Spec } from '../../spec/types.ts';

type Node = Record<string, unknown> | unknown[];

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/**
 * A configuration from which is taken what has been told already, so that the planner, which stops at the first thing that it cannot have, comes
 * to the next one.
 */
export class Remainder {
  readonly spec: Spec;
  /** For lists that have become shorter: which index an entry had. */
  private readonly indexes = new Map<unknown[], number[]>();

  constructor(spec: Spec) {
    this.spec = structuredClone(spec);
  }

  /**
   * Takes away what a pointer leads to; of a list's entry the whole entry, as the rest of it may not do without.
   * @returns the pointer that it had in the beginning; whether something was taken away
   */
  take(pointer: string): { readonly pointer: string; readonly taken: boolean } {
    const parts = pointerParts(pointer);
    const original: string[] = [];
    let taken = false;
    let at: unknown = this.spec;
    for (const [depth, part] of parts.entries()) {
      const known = Array.isArray(at) ? this.indexesOf(at) : undefined;
      original.push(String(known?.[Number(part)] ?? part));
      if (taken || !isNode(at)) continue;
      const next: unknown = Object.hasOwn(at, part) ? (at as Record<string, unknown>)[part] : undefined;
      // What a container cannot be without, and what is not there.
      const goes = next !== undefined && depth > 0 && (Array.isArray(at) || depth === parts.length - 1);
      if (goes) taken = this.remove(at, part);
      at = next;
    }
    return { pointer: original.map((part) => `/${escapePointer(part)}`).join(''), taken };
  }

  private indexesOf(list: unknown[]): number[] {
    const known = this.indexes.get(list) ?? list.map((_, index) => index);
    this.indexes.set(list, known);
    return known;
  }

  private remove(from: Node, part: string): boolean {
    if (!Array.isArray(from)) return delete from[part];
    from.splice(Number(part), 1);
    this.indexesOf(from).splice(Number(part), 1);
    return true;
  }
}
