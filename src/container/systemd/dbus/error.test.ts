import { expect, test } from 'vitest';
import { answeredError } from './error.ts';

test.each([
  ['org.freedesktop.systemd1.UnitExists', 'EEXIST'],
  ['org.freedesktop.DBus.Error.AccessDenied', 'EACCES'],
  ['System.Error.ENXIO', 'ENXIO'],
  ['System.Error.ENONE', 'EIO'],
  ['org.freedesktop.constructor', 'EIO'],
  ['org.example.Other', 'EIO'],
])('%s is %s', (name, code) => {
  expect(answeredError('StopUnit', name, 'No.')).toMatchObject({
    code,
    syscall: 'StopUnit',
    message: expect.stringMatching(`^${code}: .*, StopUnit: ${name}: No\\.$`),
  });
  expect(answeredError('StopUnit', name, '').message).toMatch(new RegExp(`StopUnit: ${name}$`));
});
