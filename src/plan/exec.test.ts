import { expect, test } from 'vitest';
import type { Process } from '../spec/types.ts';
import { planExec } from './exec.ts';
import { unifiedHost } from './testing.ts';

const options = { linux: { namespaces: [{ type: 'mount' }] }, cgroupSlots: [16], preserveFds: 0, changeRoot: false } as const;

function affinity(execCPUAffinity?: Process['execCPUAffinity']): string[] {
  const process: Process = { args: ['true'], cwd: '/', ...(execCPUAffinity ? { execCPUAffinity } : {}) };
  const { steps } = planExec({ ...options, process }, unifiedHost);
  return steps.flatMap(({ stage, action }) => {
    if (action.op === 'affinity.set') return [`${stage} ${'mask' in action ? action.mask.join() : ''}`];
    return action.op === 'cgroup.join' || action.op === 'ns.clone' ? [action.op] : [];
  });
}

test.each([
  ['ENG-028 absent: every cpu', undefined, ['cgroup.join', 'ns.clone', 'init ']],
  ['CFG-061 initial: before the cgroup is entered', { initial: '0' }, ['intermediate 1', 'cgroup.join', 'ns.clone']],
  ['CFG-062 final: after it', { final: '0-1,3' }, ['cgroup.join', 'ns.clone', 'init 11']],
  ['CFG-061 CFG-062 both', { initial: '0', final: '64' }, ['intermediate 1', 'cgroup.join', 'ns.clone', 'init 0,1']],
  ['CFG-063 an empty final is like none', { initial: '1', final: '' }, ['intermediate 2', 'cgroup.join', 'ns.clone']],
])('%s', (_, value, expected) => {
  expect(affinity(value)).toEqual(expected);
});
