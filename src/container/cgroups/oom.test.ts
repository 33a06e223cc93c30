import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OomWatch } from './oom.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oom-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const opened = (): string[] => readdirSync('/proc/self/fd');

test('a watch that cannot be set up keeps no descriptor', () => {
  const before = opened();
  const watch = () => new OomWatch(-1, { memory: directory });
  expect(watch).toThrow(/oom_control/);
  expect(opened()).toEqual(before);
  writeFileSync(join(directory, 'memory.oom_control'), 'oom_kill 0\n');
  expect(watch).toThrow(/event_control/);
  expect(opened()).toEqual(before);
});
