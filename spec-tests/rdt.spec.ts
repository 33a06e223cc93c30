import { readFileSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { clause } from './harness/clause.ts';

// What the groups get is tested against a stand-in tree (src/container/host/resctrl.test.ts): hardware with resctrl is rare.
const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(' - resctrl ');

describe('Intel RDT', () => {
  if (!mounted) {
    clause('LNX-123 intelRdt without a resctrl filesystem is an error that leaves nothing', async (box) => {
      const bundle = box.bundle((config) => {
        Object.assign(config.linux, { intelRdt: { l3CacheSchema: 'L3:0=f' } });
      });
      const result = await box.tryCreate(bundle);
      expect(result.status).toBe(1);
      expect(result.stderr).toMatch(/resctrl|rdt/i);
      expect(box.leftovers()).toEqual([]);
    });
  }

  for (const [id, rdt, words] of [
    ['LNX-125 a closID with a slash', { closID: 'a/b' }, /closID/i],
    ['LNX-125 the closID ..', { closID: '..' }, /closID/i],
    ['LNX-128 a memBwSchema that does not start with MB:', { memBwSchema: 'L3:0=f' }, /memBwSchema/],
    ['LNX-127 an l3CacheSchema of two lines', { l3CacheSchema: 'L3:0=f\nMB:0=1' }, /l3CacheSchema/],
    ['LNX-129 a line break in schemata', { schemata: ['L3:0=f\n'] }, /schemata/],
  ] as const) {
    clause(
      `${id} is refused`,
      async (box) => {
        const bundle = box.bundle((config) => {
          Object.assign(config.linux, { intelRdt: rdt });
        });
        const result = await box.tryCreate(bundle);
        expect(result.status).toBe(1);
        expect(result.stderr).toMatch(words);
        expect(box.leftovers()).toEqual([]);
      },
      'runts',
    );
  }
});
