import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { features, folder, folderOf } from './features.ts';
import { compareNumbers } from './numbers.ts';

describe('on aarch64', () => {
  test('every number of the kernel that src/ speaks in is the same', { timeout: 120_000 }, () => expect(compareNumbers(folder)).toBe(''));

  test.for(features.map((feature, index) => ({ ...feature, index })))('$title', ({ prints, index }, { task }) => {
    task.meta.container = true;
    const read = (name: string) => readFileSync(join(folderOf(index), name), 'utf8').trimEnd();
    const output = read('output');
    if (typeof prints === 'string') expect(output).toBe(prints);
    else expect(output).toMatch(prints);
  });
});
