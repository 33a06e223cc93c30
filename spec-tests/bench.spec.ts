// The benchmark measures, and leaves nothing of its containers, also when it is interrupted.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { drawPicture, groupOf } from '../bench/publish/picture.ts';
import type { Results } from '../bench/results.ts';
import { clause } from './harness/clause.ts';
import { until } from './harness/command.ts';
import { cgroups, processesWith } from './harness/leftovers.ts';
import { callTimeout, findRuntime, slowness } from './harness/suite.ts';
import { library } from './library/library.ts';

const [executable = '', script] = findRuntime().command;
const program = join(import.meta.dirname, '../bench/run');

const leftOf = (pid: number): string[] => [
  ...cgroups((path) => path.includes(`bench-${pid}-`)),
  ...processesWith(`bench-${pid}-`).map(String),
];

describe.skipIf(script !== undefined)(`the benchmark${script === undefined ? '' : ' [skipped: it measures an executable]'}`, () => {
  clause(
    'measures every command and draws the figures',
    async (box) => {
      const file = join(box.directory, 'figures.json');
      // Without patience: other tests run meanwhile.
      const arguments_ = ['--rounds', '1', '--patience', '0', '--runtime', executable, '--json', file, 'commands', 'time', 'size'];
      const result = (await box.host([program, ...arguments_], { timeout: slowness * 55_000 })).ok();
      const { suites } = (await box.host(['cat', file])).ok().json<Results>();
      const titles = suites.commands?.map(({ title }) => title);
      expect(titles).toEqual(['run', 'create', 'start', 'delete', 'create+start+delete', 'state', 'exec', 'kill']);
      expect(suites.time?.map(({ title }) => title)).toEqual(['run', 'create', 'start', 'delete', 'create+start+delete', 'exec']);
      for (const { medians, ratios, title } of suites.commands ?? []) {
        for (const figure of Object.values(medians['runts'] ?? { none: 0 })) expect(figure, title).toBeGreaterThan(0);
        if (title === 'run' && ratios['floor']) expect(medians['floor']?.cpu).toBeGreaterThan(0);
      }
      expect(suites.size?.[0]?.executable).toBeGreaterThan(0);
      const picture = drawPicture(groupOf('run', suites.commands?.[0]), 'title', 'note');
      for (const part of ['<svg ', 'class="runts"', 'class="floor"', '</svg>']) expect(picture).toContain(part);
      expect(leftOf(result.pid)).toEqual([]);
    },
    'runts',
    '/usr/bin/gcc',
    'real hardware',
  );

  clause(
    'makes whole lives by the library and by a runtime, and the first sandbox of a process',
    async (box) => {
      const { hostPrograms, sandbox } = library;
      const spec = join(box.directory, 'sandbox.json');
      writeFileSync(spec, JSON.stringify(sandbox({ ...hostPrograms(join(box.directory, 'host')), args: ['/bin/true'] })));
      const given = { root: box.stateRoot, filters: join(box.directory, 'filters'), directory: box.directory, spec, count: 8, lanes: 8 };
      const node = (name: string, ...words: string[]) =>
        box.host(['node', join(import.meta.dirname, `../bench/${name}/main.js`), ...words]);
      for (const through of [{}, { program: executable }])
        (await node('life', JSON.stringify({ ...given, ...through, id: box.id() }))).ok();
      (await node('first', 'library', JSON.stringify({ ...given, id: box.id() }))).ok();
      // A container that fails is no figure.
      writeFileSync(spec, JSON.stringify(sandbox({ ...hostPrograms(join(box.directory, 'host')), args: ['/bin/false'] })));
      for (const through of [{}, { program: executable }]) {
        expect((await node('life', JSON.stringify({ ...given, ...through, id: box.id(), count: 1 }))).status).not.toBe(0);
      }
      expect(readdirSync(box.stateRoot)).toEqual([]);
    },
    'runts',
  );

  clause(
    'a signal ends it, and nothing of its containers is left',
    async (box) => {
      const running = box.background([program, '--runtime', executable, '--json', join(box.directory, 'figures.json'), 'alive']);
      await until('containers are there', () => cgroups((path) => path.includes(`bench-${running.pid}-alive-3-`)).length > 0, callTimeout);
      process.kill(running.pid, 'SIGTERM');
      expect((await running.exited).status).not.toBe(0);
      expect(leftOf(running.pid)).toEqual([]);
    },
    'runts',
    '/usr/bin/gcc',
    'real hardware',
  );
});
