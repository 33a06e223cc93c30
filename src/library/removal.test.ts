import { expect, test } from 'vitest';
import { addon } from '../native/addon.ts';
import type { Calls } from './calls.ts';
import { Removal } from './removal.ts';

/** Calls that end when the test says so. */
class HeldCalls {
  readonly operations: string[] = [];
  end: () => void = () => {};

  do(operation: string): Promise<void> {
    this.operations.push(operation);
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }
}

const isOpen = (fd: number): boolean => {
  try {
    return addon.readLink(`/proc/self/fd/${fd}`) === '/';
  } catch {
    return false;
  }
};

test('the directory of what is being made stays open while a thread may look at it, as its number would be another’s', async () => {
  const calls = new HeldCalls();
  const removal = new Removal(calls as unknown as Calls, 'a');
  const { target } = removal;
  await removal.begin();
  expect(calls.operations).toEqual([]);

  target.directory = addon.openDirectory('/');
  const removing = removal.begin();
  const closing = removal.close();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(isOpen(target.directory)).toBe(true);
  calls.end();
  await Promise.all([removing, closing]);
  expect(isOpen(target.directory)).toBe(false);
  expect(calls.operations).toEqual(['remove']);
});
