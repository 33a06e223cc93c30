import { expect, test } from 'vitest';
import { filesystemOptions, optionData } from './filesystem-options.ts';
import { parseMountOptions } from './options.ts';

const label = 'context=system_u:object_r:container_file_t:s0:c77,c78';
const quoted = 'context="system_u:object_r:container_file_t:s0:c77,c78"';

test.each([
  [['size=1m,mode=700'], ['size=1m', 'mode=700']],
  [['size=1m,'], ['size=1m']],
  [[',,size=1m', '', ','], ['size=1m']],
  [['newinstance,ptmxmode=0666,mode=0620,gid=5'], ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']],
  [[quoted], [label]],
  [[`size=1m,${quoted},mode=700`], ['size=1m', label, 'mode=700']],
  [[label], [label]],
  [label.split(','), [label]],
  [quoted.split(','), [label]],
  [
    ['rootcontext="a:b:c:s0:c1', 'c2', 'c3.c9"', 'mode=700'],
    ['rootcontext=a:b:c:s0:c1,c2,c3.c9', 'mode=700'],
  ],
  [
    ['context=a:b:c:s0:c1', 'cache'],
    ['context=a:b:c:s0:c1', 'cache'],
  ],
  [
    ['context="a:b:c:s0"', 'c1'],
    ['context=a:b:c:s0', 'c1'],
  ],
  [
    ['name="a', 'b"'],
    ['name="a', 'b"'],
  ],
  [['context="a:b:c:s0:c1'], ['context="a:b:c:s0:c1']],
  [['lowerdir=/a\\,b'], ['lowerdir=/a\\', 'b']],
])('CFG-016 options of a filesystem: %j are %j', (given, options) => {
  expect(filesystemOptions(given)).toEqual(options);
});

test('mount(2) gets labels in quotes and all else as it was', () => {
  expect(optionData(filesystemOptions(['lowerdir=/a\\,b:/c', label]))).toBe(`lowerdir=/a\\,b:/c,${quoted}`);
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'rconstructor', 'r__proto__', 'valueOf'])(
  'CFG-016 %s is an option that only the filesystem may know',
  (name) => {
    const { filesystem, attributes, recursive, propagation, superblock } = parseMountOptions([name]);
    expect(filesystem).toEqual([name]);
    expect({ attributes, recursive }).toEqual({ attributes: { set: 0n, clear: 0n }, recursive: { set: 0n, clear: 0n } });
    expect([propagation, superblock]).toEqual([[], []]);
  },
);
