import { expect } from 'vitest';
import type { Box } from './box.ts';
import type { Bundle } from './bundle.ts';
import type { Result } from './command.ts';

/** What comes before the words for a failure in the container. */
export const during = 'unable to start container process: error during container init: ';

/** All that runts says of an error, for people. */
export interface Message {
  readonly message: string;
  readonly pointer?: string;
  readonly hint?: string;
}

/**
 * Expects the words of an error.
 * @param peers what every runtime says, also where its words are its own
 * @param whole what runts says, to the last newline
 */
export function expectMessage(box: Box, { stderr }: Result, peers: RegExp, { message, pointer, hint }: Message): void {
  expect(stderr).toMatch(peers);
  if (box.kind !== 'runts') return;
  const lines = [
    `error: ${message}`,
    ...(pointer === undefined ? [] : [`  at   ${pointer}`]),
    ...(hint === undefined ? [] : [`  hint ${hint}`]),
  ];
  expect(stderr).toBe(lines.map((line) => `${line}\n`).join(''));
}

/** A create that fails with these words, and nothing left of it. */
export async function expectRefusal(box: Box, bundle: Bundle, peers: RegExp, whole: Message): Promise<void> {
  const result = await box.tryCreate(bundle);
  expect(result.status).toBe(1);
  expectMessage(box, result, peers, whole);
  expect(box.leftovers()).toEqual([]);
}
