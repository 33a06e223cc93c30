import { expect, test } from 'vitest';
import { addon } from './addon.ts';
import { failedWith, isExhaustion, isOutOfMemory, isSystemError, withDetail } from './system-error.ts';
import { thrown } from './testing.ts';

const missing = thrown(() => addon.readFile('/nowhere/file'));

test('a failed call of the addon is one', () => {
  expect(isSystemError(missing)).toBe(true);
  expect([failedWith(missing, 'ENOENT'), failedWith(missing, 'EIO', 'ENOENT'), failedWith(missing, 'EIO'), failedWith(missing)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(isExhaustion(missing)).toBe(false);
  expect(isExhaustion(Object.assign(new Error('full'), { code: 'ENFILE', errno: 23, syscall: 'open' }))).toBe(true);
});

test.each([
  ['nothing', undefined],
  ['text', 'ENOENT'],
  ['no error', { code: 'ENOENT', errno: 2, syscall: 'open' }],
  ['an error of the language', new TypeError('x')],
  ['an error of Node without a call', Object.assign(new Error('x'), { code: 'ENOENT' })],
  ['an errno as text', Object.assign(new Error('x'), { code: 'ENOENT', errno: 'ENOENT', syscall: 'open' })],
])('%s is none', (_, error) => {
  expect(isSystemError(error)).toBe(false);
  expect(failedWith(error, 'ENOENT')).toBe(false);
  expect(isExhaustion(error)).toBe(false);
});

test('a detail comes with a new error, and the old one stays as it was', () => {
  const told = withDetail(missing, 'more');
  const { code, errno, syscall, path, message } = missing;
  expect({ ...told, message: told.message }).toEqual({ code, errno, syscall, path, message, detail: 'more' });
  expect([told.cause, missing.detail]).toEqual([missing, undefined]);
});

test('what the engine throws without memory is known', () => {
  expect([null, Object.assign(new Error('out of memory'), { name: 'InternalError' })].map(isOutOfMemory)).toEqual([true, true]);
  expect([undefined, missing, new Error('x'), 'out of memory'].map(isOutOfMemory)).toEqual([false, false, false, false]);
});
