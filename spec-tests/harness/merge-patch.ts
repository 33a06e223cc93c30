export type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON merge patch (RFC 7396): what a reader does who is shown the properties to change. */
export function mergePatch(value: unknown, patch: object): Json {
  const result: Json = isObject(value) ? { ...value } : {};
  for (const [name, changed] of Object.entries(patch)) {
    if (changed === null) delete result[name];
    else result[name] = isObject(changed) ? mergePatch(result[name], changed) : changed;
  }
  return result;
}
