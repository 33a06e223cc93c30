/**
 * What a table has under a name that somebody else has written. Plain indexing would find "constructor" and "toString" in every object,
 * by its prototype.
 */
export const lookup = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
