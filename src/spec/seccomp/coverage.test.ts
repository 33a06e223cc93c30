import { expect, test } from 'vitest';
import type { LinuxSeccomp } from '../types.ts';
import { coverageOf } from './coverage.ts';

const allowing = (names: readonly string[], ...architectures: NonNullable<LinuxSeccomp['architectures']>): LinuxSeccomp => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', ...architectures],
  syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }],
});

test('what is refused of what is used, what only with some arguments is not, and what is permitted beside it', () => {
  const profile: LinuxSeccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['read', 'sync', 'syslog'], action: 'SCMP_ACT_ALLOW' },
      { names: ['clone', 'personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 0 }] },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
      { names: ['umount2'], action: 'SCMP_ACT_LOG' },
    ],
  };
  const x86 = { architecture: 'SCMP_ARCH_X86_64' };
  expect(coverageOf(profile, allowing(['read', 'clone', 'clone3', 'mount']), 'x86_64')).toEqual({
    used: ['clone', 'clone3', 'mount', 'read'],
    refused: [
      { ...x86, name: 'mount', action: 'ERRNO(1)' },
      { ...x86, name: 'clone3', action: 'ERRNO(38)' },
    ],
    conditional: [{ ...x86, name: 'clone', action: 'ERRNO(1)' }],
    unused: ['personality', 'sync', 'syslog', 'umount2'],
  });
});

test('an architecture that the profile does not know is killed', () => {
  expect(coverageOf(allowing(['read']), allowing(['read'], 'SCMP_ARCH_X86'), 'x86_64')).toMatchObject({
    refused: [{ name: 'read', architecture: 'SCMP_ARCH_X86', action: 'KILL_THREAD' }],
    unused: [],
  });
});

test('a profile that permits by default permits all', () => {
  const { refused, unused } = coverageOf({ defaultAction: 'SCMP_ACT_ALLOW' }, allowing(['read']), 'x86_64');
  expect(refused).toEqual([]);
  expect(unused).toContain('mount');
  expect(unused).not.toContain('read');
});
