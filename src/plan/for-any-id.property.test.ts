import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RuntimeError } from '../errors.ts';
import { validateSpec } from '../spec/validate.ts';
import { config } from './arbitrary/testing.ts';
import { plan } from './build.ts';
import type { PlanOptions } from './context.ts';
import { forAnyId, isUsualId } from './for-any-id.ts';
import type { Plan } from './plan.ts';
import { hybridHost, planOptions, unifiedHost } from './testing.ts';

const placeholder = 'placeholder0123456789abcdef';
const ids = fc.stringMatching(/^[A-Za-z0-9_+.-]{1,80}$/).filter(isUsualId);
const resctrl = '/sys/fs/resctrl';
const hosts = [unifiedHost, hybridHost].map((host) => ({ ...host, resctrl }));
const kinds: readonly Partial<PlanOptions>[] = [{}, { systemdCgroup: true }, { noCgroup: true }, { guarded: true, noNewKeyring: true }];

const usual = { ociVersion: '1.3.0', root: { path: 'rootfs', readonly: false }, process: { args: ['true'], cwd: '/' } };

/** The plan, or why there is none. */
function outcome(make: () => Plan): Plan | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof RuntimeError) return error.code;
    throw error;
  }
}

test('one that others have no name for is not usual', () => {
  expect(['box', 'a', 'runts-0123', 'a.b-c_d', 'x'.repeat(64)].filter((id) => !isUsualId(id))).toEqual([]);
  expect(['', 'a+b', '.a', '-a', 'ä', 'x'.repeat(65)].filter(isUsualId)).toEqual([]);
});

test('the plan of an id is that of any other one, with the id in its places', () => {
  let planned = 0;
  fc.assert(
    fc.property(config, ids, (input, id) => {
      const { spec, problems } = validateSpec(input);
      if (problems.length > 0) return;
      for (const facts of hosts) {
        for (const kind of kinds) {
          const options = { ...planOptions, ...kind };
          const template = outcome(() => plan(spec, { ...options, id: placeholder }, facts));
          const direct = outcome(() => plan(spec, { ...options, id }, facts));
          expect(typeof template === 'string' ? template : forAnyId(template, placeholder)(id)).toEqual(direct);
          if (typeof template !== 'string') planned++;
        }
      }
    }),
    { numRuns: 400, examples: [[usual, 'other']] },
  );
  expect(planned).toBeGreaterThan(0);
}, 180_000);
