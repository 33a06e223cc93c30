// What a runtime is asked of a configuration, and of itself, with nothing done.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Spec } from '../../src/index.ts';
import { clause } from '../harness/clause.ts';
import { rejection, specOf, withRuntime } from './library.ts';

describe('validate, plan and features', () => {
  clause(
    'LIB-005 everything that is wrong with a configuration, a bundle or a text, in the words of the command line',
    async (box) => {
      const bundle = box.bundle();
      const { spec } = specOf(box, ['true']);
      await withRuntime(box, async (runtime) => {
        expect(await runtime.validate({ spec })).toEqual([]);
        const wrong = { ...spec, process: { ...spec.process, cwd: 'tmp' }, hostname: 7 } as unknown as Spec;
        const findings = await runtime.validate({ spec: wrong });
        expect(findings.map(({ pointer }) => pointer).sort()).toEqual(['/hostname', '/process/cwd']);
        writeFileSync(join(bundle.directory, 'config.json'), JSON.stringify(wrong, null, 2));
        const told = await box.runtime(['validate', '--format', 'json', bundle.directory]);
        expect(await runtime.validate({ bundle: bundle.directory })).toEqual(JSON.parse(told.stdout));
        expect(await runtime.validate({ text: '{\n "root": }' })).toMatchObject([{ code: 'INVALID_JSON', line: 2 }]);
        expect(await rejection(runtime.validate({}))).toMatchObject({ code: 'CONFIG_MISSING' });
        expect(await rejection(runtime.validate({ bundle: join(box.directory, 'absent') }))).toMatchObject({ code: 'CONFIG_MISSING' });
      });
    },
    'runts',
  );

  clause(
    'LIB-006 the steps that create would take, of which none is taken',
    async (box) => {
      const bundle = box.bundle();
      await withRuntime(box, async (runtime) => {
        const plan = await runtime.plan({ bundle: bundle.directory, id: bundle.id });
        const told = JSON.parse((await box.runtime(['plan', '--format', 'json', '--id', bundle.id, bundle.directory])).stdout);
        const titles = told.steps.map(({ title }: { title: string }) => title);
        // The library's containers end with their parent, in a pid namespace within its own.
        expect(plan.steps.map(({ title }) => title)).toEqual(titles);
        expect(plan.cgroupPaths).toEqual(told.cgroupPaths);
        const { spec } = specOf(box, ['true']);
        const namespaces = spec.linux?.namespaces?.filter(({ type }) => type !== 'pid') ?? [];
        const shared = { ...spec, linux: { ...spec.linux, namespaces } };
        expect(await rejection(runtime.plan({ spec: shared }))).toMatchObject({ code: 'GUARD_USELESS' });
        expect(await rejection(runtime.plan({ spec, id: 'a/b' }))).toMatchObject({ code: 'ID_INVALID' });
        const reason = new Error('given up');
        expect(await rejection(runtime.plan({ spec, signal: AbortSignal.abort(reason) }))).toBe(reason);
        expect(readdirSync(box.stateRoot)).toEqual([]);
      });
      expect(box.leftovers()).toEqual([]);
    },
    'runts',
  );

  clause(
    'LIB-007 the features document',
    async (box) => {
      await withRuntime(box, async (runtime) => {
        const { annotations, ...features } = await runtime.features();
        const { annotations: told, ...rest } = JSON.parse((await box.runtime(['features'])).stdout);
        expect(features).toEqual(rest);
        // Only an executable knows the commit that it was built from.
        expect(Object.keys(annotations)).toEqual(Object.keys(told));
      });
    },
    'runts',
  );
});
