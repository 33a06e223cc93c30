import { describe, expect, test } from 'vitest';
import { requireKernel, requireOldest, whyNoFile } from './kernel-release.ts';

describe('the release of the kernel', () => {
  test.each<[number, number]>([
    [5, 10],
    [5, 15],
    [6, 0],
    [10, 0],
  ])('RUN-011 %i.%i is not too old', (major, minor) => {
    expect(() => requireOldest([major, minor])).not.toThrow();
  });

  test.each<[number, number]>([
    [5, 9],
    [4, 18],
  ])('RUN-011 %i.%i is refused with the release that runts takes', (major, minor) => {
    expect(() => requireOldest([major, minor])).toThrow(`runts needs Linux 5.10 or later, and this is ${major}.${minor}`);
  });

  test('what asks for more says where', () => {
    expect(() => requireKernel([6, 2], [6, 3], 'that', '/mounts/3')).toThrow(
      expect.objectContaining({ code: 'KERNEL_TOO_OLD', pointer: '/mounts/3', message: 'that needs Linux 6.3 or later, and this is 6.2' }),
    );
  });
});

describe('CFG-096 a control file that is missed', () => {
  test('came later than the kernel', () => {
    expect(whyNoFile([5, 10], '/sys/fs/cgroup/a/cpu.idle')).toBe('cpu.idle needs Linux 5.15 or later, and this is 5.10');
    expect(whyNoFile([5, 14], '/sys/fs/cgroup/a/cpu.idle')).toBe('cpu.idle needs Linux 5.15 or later, and this is 5.14');
  });

  test('is missing for another reason', () => {
    expect(whyNoFile([5, 15], '/sys/fs/cgroup/a/cpu.idle')).toBeUndefined();
    expect(whyNoFile([5, 10], '/sys/fs/cgroup/a/memory.max')).toBeUndefined();
    expect(whyNoFile([5, 10], '/sys/fs/cgroup/a/constructor')).toBeUndefined();
  });
});
