import { describe, expect, test } from 'vitest';
import { compileSeccomp } from '../../spec/seccomp/seccomp.ts';
import type { LinuxSeccomp, Process } from '../../spec/types.ts';
import { unifiedHost } from '../testing.ts';
import { capabilityNames } from './capabilities.ts';
import { planExec } from './exec.ts';

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
  ['ENG-028 absent: every cpu', undefined, ['cgroup.join', 'intermediate ', 'ns.clone']],
  ['CFG-061 initial: before the cgroup is entered', { initial: '0' }, ['intermediate 1', 'cgroup.join', 'ns.clone']],
  ['CFG-062 final: after it', { final: '0-1,3' }, ['cgroup.join', 'intermediate 11', 'ns.clone']],
  ['CFG-061 CFG-062 both', { initial: '0', final: '64' }, ['intermediate 1', 'cgroup.join', 'intermediate 0,1', 'ns.clone']],
  ['CFG-063 an empty final is like none', { initial: '1', final: '' }, ['intermediate 2', 'cgroup.join', 'ns.clone']],
])('%s', (_, value, expected) => {
  expect(affinity(value)).toEqual(expected);
});

const allow: LinuxSeccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
const noClone: LinuxSeccomp = { ...allow, syscalls: [{ names: ['clone'], action: 'SCMP_ACT_ERRNO' }] };
const own = ['CAP_CHOWN', 'CAP_SYS_PTRACE'];
const setIds = ['CAP_SETGID', 'CAP_SETUID'];

/** What the process holds when the container first sees it, and what it does from then on. */
function exposed(process: Partial<Process>, seccomp?: LinuxSeccomp): { held: string[]; ops: string[] } {
  const capabilities = { bounding: own, permitted: own, effective: own };
  const { steps } = planExec(
    {
      ...options,
      changeRoot: true,
      process: { args: ['true'], cwd: '/', capabilities, ...process },
      seccomp,
      seccompFilter: seccomp && compileSeccomp(seccomp, unifiedHost.machine),
    },
    unifiedHost,
  );
  const clone = steps.findIndex(({ action }) => action.op === 'ns.clone');
  const last = steps.slice(0, clone).findLast(({ action }) => action.op === 'caps.set')?.action;
  const permitted = last?.op === 'caps.set' ? last.permitted : -1n;
  const held = capabilityNames.filter((_, number) => (permitted >> BigInt(number)) & 1n);
  return { held: held.sort(), ops: steps.slice(clone + 1).map(({ action }) => action.op) };
}

describe('CVE-2016-9962 what a container with CAP_SYS_PTRACE gets from the process of exec', () => {
  test.each<[string, Partial<Process>, LinuxSeccomp | undefined, string[]]>([
    ['no filter', {}, undefined, []],
    ['a filter that lets it fork', {}, allow, []],
    ['a filter under no_new_privs', { noNewPrivileges: true }, noClone, []],
    ['a filter that does not let it fork', {}, noClone, ['CAP_SYS_ADMIN']],
    ['limits', { rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }] }, undefined, ['CAP_SYS_RESOURCE']],
    ['a scheduler', { scheduler: { policy: 'SCHED_FIFO', priority: 1 } }, undefined, ['CAP_SYS_NICE']],
  ])('%s', (_, process, seccomp, more) => {
    expect(exposed(process, seccomp).held).toEqual([...own, ...setIds, ...more].sort());
  });

  test('no descriptor of ours is open by then, and nothing is left to do that needs one', () => {
    const { ops } = exposed({ terminal: true });
    expect(ops).toEqual([
      'session.new',
      'console.control',
      'caps.keep',
      'user.set',
      'caps.keep',
      'caps.set',
      'caps.ambient',
      'exec.find',
      'exec',
    ]);
  });
});
