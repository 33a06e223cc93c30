import fc from 'fast-check';
import { describe, expect, vi } from 'vitest';
import { ops } from '../../src/plan/wire/ops.ts';
import type { Box } from '../harness/box.ts';
import { clause } from '../harness/clause.ts';
import { criuPath } from '../harness/criu.ts';
import { isStatic } from '../harness/needs.ts';
import { cgroupMode, findRuntime, slowness } from '../harness/suite.ts';
import type { Act, Kind } from './act.ts';
import { Exec, Run, RunDetached } from './acts.ts';
import { Restore } from './acts-criu.ts';
import { errnos, type Fault, tryFaults } from './faults.ts';
import { hasMemoryPolicies, mapsIds } from './kinds.ts';
import { type Step, stepsOf } from './steps.ts';

const acts: readonly (readonly [new (box: Box, kind: Kind) => Act, Kind, string])[] = [
  [Run, 'plain', 'RT-033 run'],
  [Run, 'user', 'RT-033 run'],
  [Run, 'hooks', 'RT-033 run'],
  [Run, 'mounts', 'RT-033 run'],
  [Run, 'mapped', 'RT-033 run'],
  [Run, 'process', 'RT-033 run'],
  [Run, 'bare', 'RT-033 run'],
  [Run, 'unpivoted', 'RT-033 run'],
  [RunDetached, 'terminal', 'RT-033 run --detach'],
  [Exec, 'plain', 'CLI-060 exec'],
  ...(criuPath() === undefined ? [] : ([[Restore, 'mounts', 'CLI-112 restore']] as const)),
];

/** STEPS=calls makes every call of every step fail with an errno each, STEPS=all with every errno; else a call of a step of each operation. */
const wanted = process.env['STEPS'] ?? '';
const seed = Number(process.env['STEPS_SEED'] ?? 1);
vi.setConfig({ testTimeout: wanted === '' ? slowness * 300_000 : 0 });

/** Operations that were made to fail, by verb. */
const tried = new Map<string, Set<string>>();
let completed = 0;
/**
 * Those that call nothing that can fail, the one that is there for this test alone, what only Linux before 5.14 is asked for, what only restore
 * does where there is no CRIU, and what is not done on this machine: on cgroup v2 a process begins in its cgroup.
 */
const without = [
  ...['umask.set', 'trace.begin', 'ns.cloneWithin'],
  ...(mapsIds ? ['mount.remount'] : ['tree.setattr', 'tree.mapOutside']),
  ...(criuPath() === undefined ? ['mounts.stage', 'descriptors.pass'] : []),
  ...(hasMemoryPolicies ? [] : ['mempolicy.set']),
  ...(cgroupMode === 'unified' ? ['cgroup.join'] : []),
];

/** The executable alone is fast enough for a call of each operation. */
const most = isStatic(findRuntime().command) ? Number.POSITIVE_INFINITY : 3;

function faultsOf(steps: readonly Step[], done: Set<string>): Fault[] {
  const all = steps.flatMap((step) => step.calls.map((place) => ({ place, step })));
  if (wanted === 'all') return all.flatMap((fault) => errnos.map((errno) => ({ ...fault, errno })));
  if (wanted === 'calls') return all.map((fault, index) => ({ ...fault, errno: errnos[(seed + index) % errnos.length] ?? 'EIO' }));
  const fresh = [...new Set(all.map(({ step }) => step.op))].filter((op) => !done.has(op));
  const faults = fresh.flatMap((op, index) => {
    const ofOp = all.filter(({ step }) => step.op === op).flatMap((fault) => errnos.map((errno) => ({ ...fault, errno })));
    return fc.sample(fc.constantFrom(...ofOp), { seed: seed + index, numRuns: 1 });
  });
  const rest = (_: unknown, index: number) => (index + seed) % Math.ceil(faults.length / most) === 0;
  return most < faults.length ? faults.filter(rest) : faults;
}

describe('a step of the plan that fails', () => {
  for (const [Kind, kind, words] of acts) {
    clause(
      `${words} of a container of the kind "${kind}" names the step and leaves nothing, or has its whole effect`,
      async (box) => {
        const act = new Kind(box, kind);
        const { steps, clean } = await stepsOf(act);
        const verb = words.slice(0, 10);
        const done = tried.get(verb) ?? new Set();
        tried.set(verb, done);
        const { findings, ops: hit, ...counts } = await tryFaults(act, faultsOf(steps, done), clean, process.env['STEPS_REPORT']);
        for (const op of hit) done.add(op);
        if (wanted !== '')
          console.log(
            `${Kind.name} ${kind}: ${steps.length} steps, ${hit.size} operations, ${JSON.stringify(counts)}, ${findings.length} findings`,
          );
        completed++;
        expect(findings, `STEPS_SEED=${seed}`).toEqual([]);
      },
      'runts',
      'probe',
      'x86-64',
    );
  }

  clause(
    'RT-053 an init that cannot even say that it goes on is told of, also without a filter',
    async (box) => {
      const act = new Run(box, 'mounts');
      const { steps, clean } = await stepsOf(act);
      const writes = steps.filter(({ op }) => op === 'fifo.wait').flatMap(({ calls }) => calls.filter(({ call }) => call === 'write'));
      const tally = await tryFaults(
        act,
        writes.map((place) => ({ place, errno: 'EIO' })),
        clean,
      );
      expect(tally).toMatchObject({ refused: 1, findings: [] });
    },
    'runts',
    'probe',
    'x86-64',
  );

  clause(
    'CFG-044 an ambient capability that the kernel refuses for another reason than that the process may not have it is an error',
    async (box) => {
      const act = new Run(box, 'process');
      const { steps, clean } = await stepsOf(act);
      const raised = steps.filter(({ op }) => op === 'caps.ambient').flatMap(({ calls }) => calls.slice(1));
      const tally = await tryFaults(
        act,
        raised.map((place) => ({ place, errno: 'EIO' })),
        clean,
      );
      expect(tally).toMatchObject({ refused: raised.length, findings: [] });
      expect(raised).not.toEqual([]);
    },
    'runts',
    'probe',
    'x86-64',
  );

  clause(
    'RT-022 a hook of the runtime that cannot be started is named with its step',
    async (box) => {
      const act = new Run(box, 'hooks');
      const { steps, clean } = await stepsOf(act);
      const hooks = steps.filter(({ op, title }) => op === 'hook.run' && title.includes('createRuntime'));
      const tally = await tryFaults(
        act,
        hooks.flatMap((step) => step.calls.map((place) => ({ place, errno: 'EMFILE', step }))),
        clean,
      );
      expect(tally, JSON.stringify(tally)).toMatchObject({ refused: 1, findings: [] });
    },
    'runts',
    'probe',
    'x86-64',
    'a static executable',
  );

  clause(
    'RT-033 every operation of init has been made to fail',
    async () => {
      // With -t, or after a failure.
      if (completed < acts.length) return;
      const all = new Set([...tried.values()].flatMap((done) => [...done]));
      const never = Object.keys(ops).filter((op) => !all.has(op));
      expect(never.sort()).toEqual([...without].sort());
    },
    'runts',
    'probe',
    'x86-64',
    'a static executable',
  );
});
