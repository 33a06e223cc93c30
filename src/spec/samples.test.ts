import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProcess, parseResources, parseSpec, validateSpec } from './validate.ts';

const folder = new URL('../../../shared/engines/samples/', import.meta.url);
const samples = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** The recordings are cut: an object with the one member "…" stands for the rest of a list. */
function withoutCuts(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isCut(item)).map(withoutCuts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutCuts(member)]));
}

function isCut(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '…');
}

describe.skipIf(samples.length === 0)('what real engines write (skipped without the recordings)', () => {
  for (const name of samples) {
    it(name, () => {
      const value = withoutCuts(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))) as Record<string, unknown>;
      const text = JSON.stringify(value);
      if ('ociVersion' in value) {
        expect(parseSpec(text).ociVersion).toBe(value['ociVersion']);
        expect(validateSpec(value).warnings).toEqual([]);
      } else if ('args' in value) expect(parseProcess(text).args).toEqual(value['args']);
      else expect(parseResources(text)).toBeTypeOf('object');
    });
  }
});
