import { describe, expect } from 'vitest';
import type { Box } from './harness/box.ts';
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

  /** Options of the filesystem at /data, as the kernel shows them. */
  const shown = async (box: Box, type: string, ...options: string[]): Promise<string[]> => {
    const text = await box.output(['grep', ' /data ', '/proc/self/mountinfo'], (config) => {
      config.mounts.push({ destination: '/data', type, source: type, options });
    });
    return text.trim().split(' ').at(-1)?.split(',') ?? [];
  };

  for (const [options, found] of [
    [['size=1m,mode=700'], ['size=1024k', 'mode=700']],
    [['size=1m,'], ['size=1024k']],
    [[',size=1m,,mode=711'], ['size=1024k', 'mode=711']],
    [
      ['nosuid', 'mode=700,size=2m', 'nr_inodes=100'],
      ['size=2048k', 'mode=700', 'nr_inodes=100'],
    ],
    [['size=1m,ro'], ['ro', 'size=1024k']],
  ] as const) {
    clause(`CFG-015 options in one string: ${JSON.stringify(options)}`, async (box) => {
      expect(await shown(box, 'tmpfs', ...options)).toEqual(expect.arrayContaining([...found]));
    });
  }

  clause('CFG-015 options in one string: those of devpts', async (box) => {
    const options = ['newinstance,ptmxmode=0666,mode=0620,gid=5'];
    expect(await shown(box, 'devpts', ...options)).toEqual(expect.arrayContaining(['gid=5', 'mode=620', 'ptmxmode=666']));
  });

  clause('CFG-015 many options in one long string', async (box) => {
    const options = [`${'size=1m,'.repeat(60)}mode=700`];
    expect(await shown(box, 'tmpfs', ...options)).toEqual(expect.arrayContaining(['size=1024k', 'mode=700']));
  });

  clause('CFG-015 a mode in such a list counts: the tmpfs has not that of the directory', async (box) => {
    const text = await box.output(['stat', '-c', '%a', '/data'], (config) => {
      config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: ['size=1m,mode=700'] });
    });
    expect(text).toBe('700\n');
  });

  for (const name of ['constructor', '__proto__', 'toString', 'rconstructor', 'size=1m,__proto__']) {
    clause(`CFG-016 the option ${name} is one that the filesystem does not know`, async (box) => {
      const bundle = box.bundle((config) => {
        config.mounts.push({ destination: '/data', type: 'tmpfs', source: 'tmpfs', options: [name] });
      });
      const result = await box.tryCreate(bundle);
      expect(result.status).toBe(1);
      if (box.kind === 'runts') {
        expect(result.stderr).toContain(`tmpfs option "${name.replace('size=1m,', '')}": Unknown parameter`);
        expect(result.stderr).toMatch(/mounts\/6/);
      }
      expect(box.leftovers()).toEqual([]);
    });
  }

  clause('CFG-016 a bind ignores such names', async (box) => {
    const text = await box.output(['ls', '/data'], (config, bundle) => {
      bundle.put('../source/file', '');
      config.mounts.push({ destination: '/data', source: 'source', options: ['bind', 'constructor', '__proto__'] });
    });
    expect(text).toBe('file\n');
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
