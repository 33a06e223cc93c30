import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';
import { set } from './harness/config.ts';

describe('members of a mount', () => {
  clause('CFG-015 options are a list of texts, and all of them count', async (box) => {
    const text = await box.output(['grep', ' /data ', '/proc/self/mountinfo'], (config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'x', options: ['nosuid', 'size=64k', 'noexec', 'ro', 'mode=711'] });
    });
    const [, , , , , flags = '', ...rest] = text.trim().split(' ');
    expect(flags.split(',')).toEqual(expect.arrayContaining(['ro', 'nosuid', 'noexec']));
    expect(rest.at(-1)?.split(',')).toEqual(expect.arrayContaining(['size=64k', 'mode=711']));
  });

  clause('CFG-015 an empty list of options, and none, are the same', async (box) => {
    const text = await box.output(['sh', '-c', 'grep -E " /(a|b) " /proc/self/mountinfo | cut -d" " -f6,9-'], (config) => {
      config.mounts.push({ destination: '/a', type: 'tmpfs', source: 'x', options: [] }, { destination: '/b', type: 'tmpfs', source: 'x' });
    });
    const [first, second] = text.trim().split('\n');
    expect(second).toBe(first);
  });

  const whole = { containerID: 0, hostID: 1000, size: 10 };
  const wrong: Readonly<Record<string, [clauses: string, mount: Record<string, unknown>]>> = {
    'a text for options': ['CFG-015', { options: 'ro' }],
    'a number among the options': ['CFG-015', { options: ['bind', 1] }],
    'uidMappings without gidMappings': ['CFG-019', { uidMappings: [whole] }],
    'gidMappings without uidMappings': ['CFG-020', { gidMappings: [whole] }],
    'a mapping without size': ['CFG-023', { uidMappings: [{ containerID: 0, hostID: 1 }], gidMappings: [whole] }],
    'a mapping without hostID': ['CFG-023', { uidMappings: [whole], gidMappings: [{ containerID: 0, size: 1 }] }],
    'a mapping without containerID': ['CFG-023', { uidMappings: [{ hostID: 0, size: 1 }], gidMappings: [whole] }],
    'a mapping of size 0': ['CFG-023', { uidMappings: [{ ...whole, size: 0 }], gidMappings: [whole] }],
    'a mapping with a negative id': ['CFG-023', { uidMappings: [{ ...whole, hostID: -1 }], gidMappings: [whole] }],
    'a mapping that is no object': ['CFG-023', { uidMappings: ['0 1000 10'], gidMappings: [whole] }],
  };
  for (const [what, [clauses, mount]] of Object.entries(wrong)) {
    clause(
      `${clauses} ${what} is refused`,
      async (box) => {
        const result = await box.tryCreate(
          box.bundle((config, bundle) => {
            bundle.put('../source/file', '');
            set(config, '/mounts/6', { destination: '/mapped', source: 'source', options: ['bind'], ...mount });
          }),
        );
        expect(result.status).toBe(1);
        expect(result.stderr).toContain('/mounts/6');
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }
});
