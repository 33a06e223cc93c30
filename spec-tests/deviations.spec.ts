import { describe, expect, test } from 'vitest';
import { type Deviation, expectedFor, judge } from './deviations/deviation.ts';

describe('a known difference', () => {
  const row: Deviation = { runtimes: ['runc'], reason: 'is odd', titles: { 'RT-001 a': 'not found', 'RT-001': ['gone', 'absent'] } };

  test('excuses the failure that it lists, by the beginning of the title', () => {
    expect(expectedFor(row, 'RT-001 and')).toBe('not found');
    expect(expectedFor(row, 'RT-001 b')).toEqual(['gone', 'absent']);
    expect(expectedFor(row, 'RT-002')).toBeUndefined();
    expect(judge(row, 'not found', 'status 1: it was not found at all')).toBeUndefined();
    expect(judge(row, ['gone', 'absent'], 'it is absent')).toBeUndefined();
  });

  test('excuses neither another failure nor a success', () => {
    expect(judge(row, ['gone', 'absent'], 'permission denied')).toBe('fails otherwise than listed, which is: gone | absent');
    expect(judge(row, [], 'permission denied')).toContain('fails otherwise');
    expect(judge(row, 'not found', undefined)).toBe('passes, though it is listed as a known difference');
    expect(judge(row, { unproved: 'rare' }, undefined)).toContain('passes');
  });

  test('that is unstable may pass, but not fail otherwise', () => {
    const unstable: Deviation = { ...row, unstable: true };
    expect(judge(unstable, 'gone', undefined)).toBeUndefined();
    expect(judge(unstable, 'gone', 'it is gone')).toBeUndefined();
    expect(judge(unstable, 'gone', 'permission denied')).toContain('fails otherwise');
    expect(judge(unstable, { unproved: 'rare' }, 'anything')).toBeUndefined();
  });
});
