import { expect, test } from 'vitest';
import { renderExplanations } from './seccomp.ts';

test('seccomp explain', () => {
  const text = renderExplanations(
    [
      {
        architecture: 'SCMP_ARCH_X86_64',
        number: 135,
        decisions: [
          { action: 'ALLOW', conditions: ['argument 0 == 8', 'argument 1 > 3'], pointer: '/linux/seccomp/syscalls/3', why: 'the rule' },
          { action: 'ERRNO(1)', conditions: [], pointer: '/linux/seccomp/defaultAction', why: 'the default action' },
        ],
      },
      { architecture: 'SCMP_ARCH_X86', number: undefined, decisions: [] },
    ],
    { size: 326, worst: 31, mean: 11.24 },
  );
  expect(text).toMatchInlineSnapshot(`
    "SCMP_ARCH_X86_64, number 135:
      ALLOW          argument 0 == 8 and argument 1 > 3
                     /linux/seccomp/syscalls/3: the rule
      ERRNO(1)       otherwise
                     /linux/seccomp/defaultAction: the default action
    SCMP_ARCH_X86: no such call
    326 instructions; a call runs 11.2 in the mean, 31 at the most
    "
  `);
});
