import { expect, test } from 'vitest';
import { type Result, verdict } from './verdict.ts';

const result = (group: string, title: string, outcome: Partial<Result['outcome']>): Result => ({
  task: { group, title },
  outcome: { passed: 0, failed: 0, skipped: 0, ...outcome },
});

const unit = result('unit', 'pure code', { passed: 900 });
const noBusybox = result('spec', 'real containers', {
  passed: 2,
  skipped: 1000,
  reasons: { 'needs /usr/sbin/ip': 1, 'needs busybox-static': 999 },
});
const containers = result('spec', 'real containers', { passed: 950, skipped: 40, containers: 940 });
const older = result('spec', 'an older kernel', { skipped: 1, note: 'there is no kernel' });

test('a run of root in which no container test ran is not green, and says so', () => {
  expect(verdict([unit, noBusybox], true)).toEqual({
    words: 'not green, as no container test ran; not proved: real containers (needs busybox-static)',
    green: false,
  });
  expect(verdict([unit, older], true).green).toBe(false);
});

test('without root it is green, and the last line says what it did not prove', () => {
  expect(verdict([unit, noBusybox], false)).toEqual({ words: 'not proved: real containers (needs busybox-static)', green: true });
});

test('who asks for other groups asks for no containers', () => {
  expect(verdict([unit], true)).toEqual({ words: '', green: true });
});

test('one run of containers is enough, and what was skipped is named with its reason', () => {
  expect(verdict([unit, containers, older], true)).toEqual({ words: 'not proved: an older kernel (there is no kernel)', green: true });
});

test('tests that ran without a container are not called nothing', () => {
  const { words } = verdict([containers, result('spec', 'another processor', { passed: 53 })], true);
  expect(words).toBe('not proved: another processor (none of 53 tests asked for a container)');
});

test('what failed is not green, and is not called unproved', () => {
  expect(verdict([containers, result('lint', 'format', { failed: 1 })], true)).toEqual({ words: '', green: false });
});
