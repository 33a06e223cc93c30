import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { errnoName, errnoNumber, errnoText } from './errno.ts';

describe('errno', () => {
  test.each([
    [1, 'EPERM', 'operation not permitted'],
    [2, 'ENOENT', 'no such file or directory'],
    [13, 'EACCES', 'permission denied'],
    [95, 'EOPNOTSUPP', 'operation not supported'],
    [133, 'EHWPOISON', 'memory page has hardware error'],
    [41, 'errno 41', 'unknown error 41'],
    [0, 'errno 0', 'unknown error 0'],
  ])('%i is %s', (number, name, text) => {
    expect(errnoName(number)).toBe(name);
    expect(errnoText(number)).toBe(text);
  });

  test('names have numbers', () => {
    expect([errnoNumber('ENOENT'), errnoNumber('EHWPOISON'), errnoNumber('ENONE')]).toEqual([2, 133, 0]);
  });

  test('names agree with the system', () => {
    const aliases: Record<string, string> = { EWOULDBLOCK: 'EAGAIN', ENOTSUP: 'EOPNOTSUPP' };
    for (const [name, number] of Object.entries(constants.errno)) expect(errnoName(number)).toBe(aliases[name] ?? name);
  });
});
