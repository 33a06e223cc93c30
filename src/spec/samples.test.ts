import { describe, expect, it } from 'vitest';
import { readRecording, recordings } from '../../spec-tests/harness/recordings.ts';
import { parseProcess, parseResources, parseSpec, validateSpec } from './validate.ts';

describe('what real engines write', () => {
  for (const name of recordings) {
    it(name, () => {
      const value = readRecording(name) as Record<string, unknown>;
      const text = JSON.stringify(value);
      if ('ociVersion' in value) {
        expect(parseSpec(text).ociVersion).toBe(value['ociVersion']);
        expect(validateSpec(value).warnings).toEqual([]);
      } else if ('args' in value) expect(parseProcess(text).args).toEqual(value['args']);
      else expect(parseResources(text)).toBeTypeOf('object');
    });
  }
});
