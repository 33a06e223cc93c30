import { expect, test } from 'vitest';
import { explainSpawn } from './spawn.ts';

const failed = (syscall: string, code = 'EACCES') => Object.assign(new Error(syscall), { syscall, code, errno: 13 });
const profile = (text: string | undefined) => (path: string) => (path === '/proc/self/attr/current' ? text : undefined);

test.each([
  ['memfd_create', undefined, /vm\.memfd_noexec is 2 here/],
  ['execveat', 'fence (enforce)', /the AppArmor profile fence, .* the rule `\/ ix,`/],
  ['execveat', 'runts (unconfined)', /see the kernel log/],
  ['execveat', undefined, /see the kernel log/],
])('%s that is forbidden, with the label %s', (syscall, label, hint) => {
  expect(explainSpawn(failed(syscall), profile(label))).toMatchObject({
    code: 'INIT_FAILED',
    message: `unable to execute the init program: ${syscall}: permission denied`,
    hint: expect.stringMatching(hint),
  });
});

test('what is not known stays as it is', () => {
  for (const error of [failed('clone'), failed('execveat', 'ENOMEM'), new Error('other')]) expect(explainSpawn(error)).toBe(error);
});
