import { describe, expect, test } from 'vitest';
import type { Process, Spec } from '../../spec/types.ts';
import { type ExecRequest, execProcess } from './exec-process.ts';

const template: Process = {
  args: ['init'],
  cwd: '/srv',
  env: ['A=container'],
  terminal: true,
  user: { uid: 5, gid: 6, umask: 0o77, additionalGids: [7] },
  capabilities: { bounding: ['CAP_KILL'] },
  rlimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: 20 }],
  noNewPrivileges: true,
  apparmorProfile: 'strict',
  selinuxLabel: 'label',
  oomScoreAdj: 100,
  scheduler: { policy: 'SCHED_BATCH' },
  ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 0 },
  execCPUAffinity: { final: '0' },
};

const flags: ExecRequest = {
  id: 'a',
  args: [],
  env: [],
  tty: false,
  additionalGids: [],
  detach: false,
  noNewPrivileges: false,
  caps: [],
  preserveFds: 0,
  ignorePaused: false,
  cgroup: [],
};

const spec = (process?: Process): Spec => ({ ociVersion: '1.2.0', root: { path: 'rootfs' }, ...(process ? { process } : {}) });
const ofFile = (file: Partial<Process>, container: Process | undefined = template): Process =>
  execProcess(spec(container), { ...flags, process: { args: ['sh'], cwd: '/', ...file } });

describe('CLI-043 the process of a file', () => {
  test('what it leaves out is the container’s, but for environment and terminal', () => {
    const { env, terminal, ...rest } = template;
    expect(ofFile({})).toEqual({ ...rest, args: ['sh'], cwd: '/' });
  });

  test.each<Partial<Process>>([
    { capabilities: {} },
    { rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }] },
    { noNewPrivileges: false },
    { apparmorProfile: 'other' },
    { selinuxLabel: 'other' },
    { oomScoreAdj: 0 },
    { scheduler: { policy: 'SCHED_OTHER' } },
    { ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 1 } },
    { execCPUAffinity: {} },
    { user: { uid: 1, gid: 2, umask: 0, additionalGids: [] } },
  ])('what it says holds: %j', (file) => {
    expect(ofFile(file)).toMatchObject(file);
  });

  test.each<[string, Partial<Process>, keyof Process]>([
    ['limits', { rlimits: [] }, 'rlimits'],
    ['AppArmor profile', { apparmorProfile: '' }, 'apparmorProfile'],
    ['SELinux label', { selinuxLabel: '' }, 'selinuxLabel'],
  ])('an empty value of %s says nothing', (_, file, member) => {
    expect(ofFile(file)[member]).toEqual(template[member]);
  });

  test('a user brings no group of the container’s user but the first', () => {
    expect(ofFile({ user: { uid: 9 } }).user).toEqual({ uid: 9, gid: 6, umask: 0o77 });
  });

  test('a container without a process adds nothing', () => {
    expect(execProcess(spec(), { ...flags, process: { args: ['sh'], cwd: '/' } })).toEqual({ args: ['sh'], cwd: '/' });
  });
});
