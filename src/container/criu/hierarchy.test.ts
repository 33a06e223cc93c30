import { expect, test } from 'vitest';
import { hierarchyIn } from './hierarchy.ts';

const line = (point: string, type: string, options: string): string =>
  `30 25 0:26 / ${point} rw,nosuid shared:9 - ${type} cgroup ${options}\n`;

test.each([
  ['alone', '/sys/fs/cgroup', ''],
  ['beside v1, as systemd has it there', '/sys/fs/cgroup/unified', line('/sys/fs/cgroup/cpu', 'cgroup', 'rw,cpu')],
])('the options of a hierarchy are found: %s', (_, path, others) => {
  const mountinfo = others + line(path, 'cgroup2', 'rw,nsdelegate,seclabel,memory_recursiveprot');
  expect(hierarchyIn(mountinfo)).toEqual({ path, options: ['nsdelegate', 'memory_recursiveprot'] });
  expect(hierarchyIn(others)).toBeUndefined();
});
