import { expect, test } from 'vitest';
import { fallbackFindings, fallbacks } from './kernel-fallbacks.ts';

test('what goes by the answer for an unknown call or flag is found', () => {
  const text = [
    'if (changed == -ENOSYS) other();',
    '  if (errno == EINVAL && more) other();',
    '// if (changed == -ENOSYS)',
    'return fail(EINVAL, "a", "b");',
    'if (changed == -EPERM) other();',
  ].join('\n');
  expect(fallbacks('a.cc', text)).toEqual(['a.cc if (changed == -ENOSYS) other();', 'a.cc if (errno == EINVAL && more) other();']);
});

test('each has a reason, and each reason is about one', () => {
  expect(fallbackFindings(['a.cc x'], { 'a.cc x': 'because' })).toEqual([]);
  expect(fallbackFindings(['a.cc x'], { 'a.cc y': 'because' })).toEqual([
    'a.cc x is chosen by the plan, or has a reason in kernel-fallbacks.ts',
    'kernel-fallbacks.ts speaks of what is not there: a.cc y',
  ]);
});
