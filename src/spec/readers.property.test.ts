import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
} from '../kernel.gen.ts';
import { parseList } from './cpu-list.ts';
import { parseMountOptions } from './mounts/options.ts';
import { sysctlPath } from './rules/sysctl.ts';
import { problems } from './testing.ts';

const pairs: readonly (readonly [on: string, off: string, flag: bigint])[] = [
  ['ro', 'rw', MOUNT_ATTR_RDONLY],
  ['nosuid', 'suid', MOUNT_ATTR_NOSUID],
  ['nodev', 'dev', MOUNT_ATTR_NODEV],
  ['noexec', 'exec', MOUNT_ATTR_NOEXEC],
  ['nodiratime', 'diratime', MOUNT_ATTR_NODIRATIME],
  ['nosymfollow', 'symfollow', MOUNT_ATTR_NOSYMFOLLOW],
];
const words = pairs.flatMap(([on, off]) => [on, off, `r${on}`, `r${off}`]);

test('of each pair of mount options the last word counts, for the mount and for those below it apart', () => {
  const model = (options: readonly string[], prefix: string) => {
    const last = pairs.map(
      ([on, off, flag]) => [options.findLast((word) => word === prefix + on || word === prefix + off), prefix + on, flag] as const,
    );
    return {
      set: last.reduce((bits, [word, on, flag]) => (word === on ? bits | flag : bits), 0n),
      clear: last.reduce((bits, [word, on, flag]) => (word !== undefined && word !== on ? bits | flag : bits), 0n),
    };
  };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words, 'bind', 'size=1k', 'constructor')), (options) => {
      const { attributes, recursive, bind, filesystem } = parseMountOptions(options);
      expect(attributes).toEqual(model(options, ''));
      expect(recursive).toEqual(model(options, 'r'));
      expect(bind).toBe(options.includes('bind'));
      expect(filesystem.length).toBe(options.filter((word) => word === 'size=1k' || word === 'constructor').length);
    }),
  );
});

test('a mount option of any text is a word of ours or left to the filesystem', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'r', 'rr', 'toString', 'rtoString'))), (options) => {
      expect(() => parseMountOptions(options)).not.toThrow();
    }),
  );
});

const small = fc.nat({ max: 300 });
const range = fc.tuple(small, small, fc.option(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 9 })))).map(([a, b, stride]) => ({
  first: Math.min(a, b),
  last: Math.max(a, b),
  group: stride?.[0] ?? 1,
  used: stride ? Math.min(stride[1], stride[0]) : 1,
  strides: stride !== null,
}));

test('a list of cpus that is written is the one that is read, whatever is between its ranges', () => {
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 8 }), fc.constantFrom(',', ' , ', ',,', '\n'), (ranges, between) => {
      const text = ranges
        .map(({ first, last, group, used, strides }) => `${first}-${last}${strides ? `:${used}/${group}` : ''}`)
        .join(between);
      expect(parseList(text)).toEqual(ranges.map(({ first, last, group, used }) => ({ first, last, used, group })));
    }),
  );
});

test('a list of cpus of any text is one or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789-:/, x\n') }), (text) => {
      for (const { first, last, used, group } of parseList(text) ?? []) {
        expect(first).toBeLessThanOrEqual(last);
        expect(used).toBeLessThanOrEqual(group);
        expect(last).toBeLessThan(65_536);
      }
    }),
  );
});

test('both ways of writing a kernel parameter lead to the same file', () => {
  const part = fc.string({ unit: fc.constantFrom(...'abc_0'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(part, { minLength: 2, maxLength: 5 }), (parts) => {
      expect(sysctlPath(parts.join('.'))).toBe(parts.join('/'));
      expect(sysctlPath(parts.join('/'))).toBe(parts.join('/'));
      // A dot in a name, as of a VLAN.
      expect(sysctlPath([...parts, 'eth0.1', 'x'].join('/'))).toBe([...parts, 'eth0.1', 'x'].join('/'));
      expect(sysctlPath([...parts, 'eth0/1', 'x'].join('.'))).toBe([...parts, 'eth0.1', 'x'].join('/'));
    }),
  );
});

test('a kernel parameter of any name leads to a file of the namespaces that the container has, or is refused', () => {
  const kinds: readonly (readonly [type: string, file: RegExp])[] = [
    ['ipc', /^(kernel\/(msg|sem|shm)\w*|fs\/mqueue\/.+)$/],
    ['network', /^net\/.+$/],
    ['uts', /^kernel\/domainname$/],
    ['user', /^user\/.+$/],
  ];
  const word = fc.constantFrom(
    'kernel',
    'msgmax',
    'shm_rmid_forced',
    'fs',
    'mqueue',
    'net',
    'ipv4',
    'eth0',
    'user',
    'domainname',
    'hostname',
    '..',
    '.',
    '',
  );
  const name = fc.oneof(
    fc.array(fc.tuple(word, fc.constantFrom('.', '/')), { minLength: 1, maxLength: 6 }).map((parts) => parts.flat().slice(0, -1).join('')),
    fc.string({ unit: fc.constantFrom(...'net./ab\0\n \\'), maxLength: 12 }),
  );
  fc.assert(
    fc.property(name, fc.subarray(kinds.slice()), (parameter, owned) => {
      const namespaces = ['mount', ...owned.map(([type]) => type)].map((type) => ({ type }));
      const maps = [{ containerID: 0, hostID: 1, size: 1 }];
      const mappings = namespaces.some(({ type }) => type === 'user') ? { uidMappings: maps, gidMappings: maps } : {};
      const found = problems({ linux: { namespaces, ...mappings, sysctl: { [parameter]: '1' } } }).filter((each) =>
        each.includes('/sysctl'),
      );
      fc.pre(found.length === 0);
      const path = sysctlPath(parameter);
      expect(path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))).toBe(true);
      expect(owned.some(([, file]) => file.test(path))).toBe(true);
    }),
    // Few names are those of a parameter that the container has for itself.
    { numRuns: 60, maxSkipsPerRun: 2000 },
  );
});
