import { describe, expect, it } from 'vitest';
import { base, type Json, linux, proc } from './testing.ts';
import { parseSpec } from './validate.ts';

describe('what create tolerates', () => {
  const used = (members: Json) => {
    const told: string[] = [];
    const spec = parseSpec(JSON.stringify({ ...base, ...members }), ({ code, pointer }) => told.push(`${code} ${pointer}`));
    return { spec, told };
  };

  it('takes items out of lists last, so that every pointer means what it meant', () => {
    const { spec, told } = used(linux({ maskedPaths: ['', 'a', '', '/b', 'c'] }));
    expect(spec.linux?.maskedPaths).toEqual(['/a', '/b', '/c']);
    expect(told).toEqual([0, 1, 2, 4].map((index) => `${index % 2 || index === 4 ? 'NOT_ABSOLUTE' : 'EMPTY'} /linux/maskedPaths/${index}`));
  });

  it.each([undefined, '', 'a'])('LNX-077 a rule for every device counts whatever its access says: type %j', (type) => {
    const { spec, told } = used(
      linux({
        resources: {
          devices: [
            { allow: true, access: 'rwm' },
            { allow: false, type, access: 'x' },
          ],
        },
      }),
    );
    expect(spec.linux?.resources?.devices).toMatchObject([{ allow: true }, { allow: false, access: 'rwm' }]);
    expect(told).toContain('BAD_FORMAT /linux/resources/devices/1/access');
  });

  it('fills in several absent members', () => {
    const { spec, told } = used(proc({ consoleSize: {}, rlimits: [{ type: 'RLIMIT_AS', hard: 2 }] }));
    expect(spec.process).toMatchObject({ consoleSize: { height: 0, width: 0 }, rlimits: [{ soft: 0, hard: 2 }] });
    expect(told).toHaveLength(3);
  });

  it('renames at every level, and joins objects whose names differ in case alone', () => {
    const { spec, told } = used({
      Linux: { NetDevices: { Eth0: { NAME: 'a' } }, Namespaces: [{ Type: 'network' }] },
      linux: { mountLabel: 'x' },
    });
    expect(spec.linux).toEqual({ netDevices: { Eth0: { name: 'a' } }, namespaces: [{ type: 'network' }], mountLabel: 'x' });
    expect(told).toHaveLength(5);
  });

  it('says nothing of a document that is as it should be', () => {
    expect(used(proc({})).told).toEqual([]);
  });

  it.each([
    ['x/../../y', 'y'],
    ['/x/../../y', '/y'],
    ['a/./../b', 'b'],
    ['/a/.//../b/.', '/b'],
  ])('takes the cgroupsPath %s for %s', (cgroupsPath, taken) => {
    expect(used(linux({ cgroupsPath })).spec.linux?.cgroupsPath).toBe(taken);
  });

  it.each(['/../..', '../', '..', './x/..', 'a/../b:c:d'])('refuses the cgroupsPath %s, which leads nowhere', (cgroupsPath) => {
    expect(() => used(linux({ cgroupsPath }))).toThrow(/must not contain/);
  });
});
