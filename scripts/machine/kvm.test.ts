import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isKvmHopeful, noteKvmFailed } from './kvm.ts';

const folder = mkdtempSync(join(tmpdir(), 'runts-kvm-'));
afterAll(() => rmSync(folder, { recursive: true }));

const note = join(folder, 'cache/kvm');
const device = '/dev/null';

test('a device that started no machine is not tried again before the next boot', () => {
  expect(isKvmHopeful(note, device)).toBe(true);
  noteKvmFailed(note);
  expect(isKvmHopeful(note, device)).toBe(false);
  writeFileSync(note, 'another boot\n');
  expect(isKvmHopeful(note, device)).toBe(true);
});

test('no device, no hope', () => expect(isKvmHopeful(note, join(folder, 'none'))).toBe(false));
