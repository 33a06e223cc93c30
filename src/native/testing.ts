import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { SystemError } from './system-error.ts';

/** A folder that goes with the tests of the file. @returns the path of a name in it */
export function temporaryFolder(): (name: string) => string {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runts-addon-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

export function thrown(call: () => unknown): SystemError {
  try {
    call();
  } catch (error) {
    return error as SystemError;
  }
  throw new Error('nothing was thrown');
}

const descriptorCount = (): number => readdirSync('/proc/self/fd').length;

/** Repeats `call` and fails when descriptors pile up. Other tests of this process may open some of theirs meanwhile. */
export function withoutLeak<T>(call: () => T): T {
  let result = call();
  const before = descriptorCount();
  for (let i = 0; i < 40; i++) result = call();
  expect(descriptorCount() - before).toBeLessThan(20);
  return result;
}
