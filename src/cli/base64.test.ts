import fc from 'fast-check';
import { it } from 'vitest';
import { base64 } from './base64.ts';

it('is what Buffer makes of the same bytes', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => base64(bytes) === Buffer.from(bytes).toString('base64')));
});
