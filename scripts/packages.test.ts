import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { madeOnce } from './packages.js';

test('a folder that is made once is the first’s, also when two begin at a time, and nothing of an attempt is left', () => {
  const place = mkdtempSync(join(tmpdir(), 'runts-packages-'));
  const folder = join(place, 'made');
  try {
    const others = () => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'theirs'), '');
    };
    const made = madeOnce(folder, (unfinished) => {
      writeFileSync(join(unfinished, 'ours'), '');
      others();
    });
    expect([made, readdirSync(folder), readdirSync(place)]).toEqual([folder, ['theirs'], ['made']]);
    expect(madeOnce(folder, () => expect.unreachable('it is there'))).toBe(folder);
    const failing = join(place, 'failing');
    expect(() =>
      madeOnce(failing, () => {
        throw new Error('no network');
      }),
    ).toThrow('no network');
    expect([existsSync(failing), readdirSync(place)]).toEqual([false, ['made']]);
  } finally {
    rmSync(place, { recursive: true });
  }
});
