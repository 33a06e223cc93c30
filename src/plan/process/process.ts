import { RuntimeError } from '../../errors.ts';
import { compileSeccomp } from '../../spec/seccomp/seccomp.ts';
import type { Step, Warning } from '../plan.ts';
import type { Action } from '../wire/ops.ts';
import { type CapabilitySets, capabilitySets } from './capabilities.ts';
import { programEnvironment, variable } from './environment.ts';
import { descriptorSteps, limitSteps } from './limits.ts';
import type { MakeStep, ProcessRequest } from './request.ts';
import { schedulingSteps } from './scheduling.ts';
import { labelSteps } from './security-module.ts';

const chapter = 'Process';

/** Where the configuration has none; never the caller's, which differs from one caller to the next. */
const DEFAULT_UMASK = 0o022;

/** What becomes of the process, in the order in which it does. */
export interface PlannedProcess {
  /** Limits, priorities, directory, ids, capabilities, program: everything between the finished environment and "ready". */
  readonly steps: readonly Step[];
  /** What confines the process still further, as late as that can be: nothing of the image may run before. */
  readonly confinement: readonly Step[];
  readonly last: readonly Step[];
  /** What it will have. */
  readonly sets: CapabilitySets;
  readonly warnings: readonly Warning[];
}

export function planProcess(request: ProcessRequest): PlannedProcess {
  const { process, pointer, facts } = request;
  const step = (title: string, action: Action, at?: string): Step => ({
    chapter,
    ...(at === undefined ? {} : { pointer: `${pointer}${at}` }),
    title,
    stage: 'init',
    action,
  });
  const user = process.user ?? {};
  const uid = user.uid ?? 0;
  const gid = user.gid ?? 0;
  const umask = user.umask ?? DEFAULT_UMASK;
  // No object is an empty one (ENG-018): a process has no right that nobody gave it.
  const capabilities = capabilitySets(process.capabilities ?? {}, grantable(request), `${pointer}/capabilities`);
  const filter = seccompSteps(request);
  const env = programEnvironment(process.env ?? []);
  const limit = descriptorSteps(request, filter.steps.length > 0 && (!process.noNewPrivileges || filter.listener));
  const steps = [
    ...(process.terminal ? [] : [step('exchange null devices of the host among the standard streams', { op: 'stdio.null' })]),
    ...limitSteps(request, step),
    ...schedulingSteps(request, step),
    ...labelSteps(request, step),
    step(`change to the directory ${process.cwd}`, { op: 'cwd.set', path: process.cwd, later: process.cwd !== '/' }, '/cwd'),
    step(`set the umask to 0${umask.toString(8)}`, { op: 'umask.set', mask: umask }, user.umask === undefined ? undefined : '/user/umask'),
    ...(variable(env, 'HOME') ? [] : [step(`find the home directory of user ${uid}`, { op: 'home.find', uid })]),
    step('mark everything else close-on-exec', {
      op: 'fds.seal',
      first: 3 + request.preserveFds,
      keep: request.keptSlots,
    }),
    // The filter could answer for the kernel and leave the set whole.
    step(
      'drop capabilities from the bounding set',
      { op: 'caps.bounding', keep: capabilities.sets.bounding, last: facts.lastCapability },
      '/capabilities/bounding',
    ),
    // From a filter on, only what the filter allows: nothing that is not about credentials comes after this line.
    ...(process.noNewPrivileges ? [] : [...limit.early, ...filter.steps]),
    ...credentialSteps(request, uid, gid, capabilities.sets, step),
    ...retryDirectory(process.cwd, step),
    step(
      `find the program ${process.args[0] ?? ''}`,
      { op: 'exec.find', name: process.args[0] ?? '', path: variable(env, 'PATH') ?? '/bin:/usr/bin' },
      '/args/0',
    ),
  ];
  // An agent has to get the listener while the runtime is there to hand it on: before `start`.
  if (process.noNewPrivileges && filter.listener) steps.push(...limit.early, ...filter.steps);
  const confinement = [...limit.late, ...(process.noNewPrivileges && !filter.listener ? filter.steps : [])];
  const last = [step(`execute ${process.args.join(' ')}`, { op: 'exec', args: process.args, env }, '/args')];
  return { steps, confinement, last, sets: capabilities.sets, warnings: [...capabilities.warnings, ...filter.warnings] };
}

/** Some directories only the user may enter: a server's, or one whose owner has no id in the user namespace (ENG-025). */
function retryDirectory(path: string, step: MakeStep): Step[] {
  if (path === '/') return [];
  return [step(`change to the directory ${path} as that user, if root could not`, { op: 'cwd.retry', path }, '/cwd')];
}

/** What the runtime can give: its own capabilities, or each there is, to whoever enters another user namespace (user_namespaces(7)). */
export function grantable({ facts, userNamespace }: Pick<ProcessRequest, 'facts' | 'userNamespace'>): bigint {
  const { boundingCapabilities, initialUserNamespace, euid, lastCapability } = facts;
  return initialUserNamespace && euid === 0 && !userNamespace ? boundingCapabilities : (1n << BigInt(lastCapability + 1)) - 1n;
}

/** Keep-caps carries the capabilities over the change of user, to where they are cut to what the process may have. */
function credentialSteps(request: ProcessRequest, uid: number, gid: number, sets: CapabilitySets, step: MakeStep): Step[] {
  const { process, setGroups } = request;
  requireGroups(request);
  const become = step(
    `become user ${uid}, group ${gid}`,
    { op: 'user.set', uid, gid, groups: process.user?.additionalGids ?? [], setGroups },
    '/user',
  );
  const nnp = process.noNewPrivileges ? [step('forbid new privileges', { op: 'nnp.set' }, '/noNewPrivileges')] : [];
  return [
    step('keep capabilities over the change of user', { op: 'caps.keep', on: true }),
    become,
    step('change of user is done', { op: 'caps.keep', on: false }),
    step(
      'set effective, permitted and inheritable capabilities',
      { op: 'caps.set', effective: sets.effective, permitted: sets.permitted, inheritable: sets.inheritable },
      '/capabilities',
    ),
    step('set ambient capabilities', { op: 'caps.ambient', set: sets.ambient }, '/capabilities/ambient'),
    ...nnp,
  ];
}

/** Engines know the words. @throws RuntimeError USER_FAILED */
function requireGroups({ process, setGroups, pointer }: ProcessRequest): void {
  const groups = process.user?.additionalGids ?? [];
  if (setGroups || groups.length === 0) return;
  const message = `cannot set any additional groups in a rootless container: setgroups(2) is denied here, and ${groups.join(', ')} asked for`;
  throw new RuntimeError('USER_FAILED', message, {
    pointer: `${pointer}/user/additionalGids`,
    hint: 'leave them out, or map a range of /etc/subgid by newgidmap(1): then groups can be set',
  });
}

/** Loaded last under no_new_privs; else while CAP_SYS_ADMIN is still there, which the kernel then demands (seccomp(2)). */
function seccompSteps({ seccomp, seccompFilter, facts }: ProcessRequest): {
  readonly steps: Step[];
  readonly listener: boolean;
  readonly warnings: readonly Warning[];
} {
  if (!seccomp) return { steps: [], listener: false, warnings: [] };
  const { program, flags, listener, warnings } = seccompFilter ?? compileSeccomp(seccomp, facts.machine);
  const title = `load the seccomp filter (${program.length / 8} instructions)`;
  return {
    steps: [{ chapter, pointer: '/linux/seccomp', title, stage: 'init', action: { op: 'seccomp.load', program, flags, listener } }],
    listener,
    warnings,
  };
}
