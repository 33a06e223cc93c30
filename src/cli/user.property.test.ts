import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { parseGroup, parseUser } from './user.ts';

const largest = 2 ** 32 - 2;

function refused(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(RuntimeError);
    expect((error as RuntimeError).code).toBe('INVALID_USER');
    return true;
  }
}

/** CVE-2026-30892: what is no number must not become root. */
test('a user of any text is the numbers that it says, or refused', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789:+- x\t\0'), maxLength: 14 });
  fc.assert(
    fc.property(
      fc.oneof(
        digits,
        fc.string(),
        fc.tuple(fc.nat(), fc.nat()).map((ids) => ids.join(':')),
      ),
      (text) => {
        const parts = text.split(':');
        const right = parts.length <= 2 && parts.every((part) => /^(0|[1-9]\d*)$/.test(part) && Number(part) <= largest);
        expect(refused(() => parseUser(text))).toBe(!right);
        if (!right) return;
        const [uid, gid] = parts.map(Number);
        expect(parseUser(text)).toEqual(gid === undefined ? { uid } : { uid, gid });
        if (gid === undefined) expect(parseGroup(text)).toBe(uid);
      },
    ),
    { numRuns: 2000 },
  );
});
