import { describe, expect, test } from 'vitest';
import { addon } from './addon.ts';
import { temporaryFolder, thrown } from './testing.ts';

const at = temporaryFolder();

describe('errors', () => {
  test('carry code, errno, syscall and path', () => {
    const error = thrown(() => addon.readFile(at('none')));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'ENOENT', errno: 2, syscall: 'open', path: at('none') });
    expect(error.message).toBe(`ENOENT: no such file or directory, open '${at('none')}'`);
  });

  test('a NUL inside a path is refused, not cut', () => {
    expect(thrown(() => addon.unlink(`${at('a')}\0b`)).code).toBe('EINVAL');
  });

  test.each([Number.NaN, 1.5, 2 ** 31, '1', undefined])('%s is no process id', (pid) => {
    expect(() => addon.kill(pid as number, 0)).toThrow(TypeError);
  });

  test.each([0, -1])('kill(%i) would reach others', (pid) => {
    expect(thrown(() => addon.kill(pid, 0)).code).toBe('EINVAL');
  });
});

test('the monotonic clock goes on', () => {
  const before = addon.monotonic();
  addon.pollIn([], 20);
  const passed = addon.monotonic() - before;
  expect(passed).toBeGreaterThanOrEqual(19);
  expect(passed).toBeLessThan(5_000);
});
