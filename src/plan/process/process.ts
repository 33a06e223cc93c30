import { RuntimeError } from '../../errors.ts';
import type { HostFacts } from '../../host/facts.ts';
import type { LinuxMemoryPolicy, LinuxPersonality, LinuxSeccomp, Process, Scheduler } from '../../spec/types.ts';
import { parseCpuList } from '../cpu-list.ts';
import type { DescriptorLimit } from '../descriptors.ts';
import type { Step, Warning } from '../plan.ts';
import { compileSeccomp, type SeccompFilter } from '../seccomp/seccomp.ts';
import type { Action } from '../wire/ops.ts';
import { slots } from '../wire/places.ts';
import { type CapabilitySets, capabilitySets } from './capabilities.ts';
import { unenforced } from './security-module.ts';

const chapter = 'Process';

/** What create and exec have in common about the process they start. */
export interface ProcessPlan {
  readonly process: Process;
  readonly facts: HostFacts;
  /** Pointer of the process object: "/process", or "" for a process file of exec. */
  readonly pointer: string;
  readonly seccomp?: LinuxSeccomp | undefined;
  /** What `seccomp` was compiled to; absent: it is compiled now. */
  readonly seccompFilter?: SeccompFilter | undefined;
  readonly personality?: LinuxPersonality | undefined;
  readonly memoryPolicy?: LinuxMemoryPolicy | undefined;
  readonly preserveFds: number;
  readonly descriptors: DescriptorLimit;
  /** Slots that what comes after still needs. */
  readonly keptSlots: readonly number[];
  /** Whether setgroups(2) is possible (not in a user namespace that an unprivileged user made). */
  readonly setGroups: boolean;
  /** Whether a user namespace is entered before: then `beforeUserNamespace` has done what takes rights over the host. */
  readonly userNamespace: boolean;
  /** CPU list the process may run on, or 'inherit' to leave that to the kernel; absent: all cpus, whatever the caller's affinity (ENG-028). */
  readonly affinity?: string | undefined;
}

const resources: Readonly<Record<string, number>> = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
};

/** Where the configuration has none; never the caller's, which differs from one caller to the next. */
const DEFAULT_UMASK = 0o022;

const policies = ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', 'SCHED_ISO', 'SCHED_IDLE', 'SCHED_DEADLINE'];
const schedulerFlags: Readonly<Record<string, bigint>> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01n,
  SCHED_FLAG_RECLAIM: 0x02n,
  SCHED_FLAG_DL_OVERRUN: 0x04n,
  SCHED_FLAG_KEEP_POLICY: 0x08n,
  SCHED_FLAG_KEEP_PARAMS: 0x10n,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20n,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40n,
};
const ioClasses: Readonly<Record<string, number>> = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 };
const memoryModes = [
  'MPOL_DEFAULT',
  'MPOL_PREFERRED',
  'MPOL_BIND',
  'MPOL_INTERLEAVE',
  'MPOL_LOCAL',
  'MPOL_PREFERRED_MANY',
  'MPOL_WEIGHTED_INTERLEAVE',
];
const memoryFlags: Readonly<Record<string, number>> = {
  MPOL_F_STATIC_NODES: 1 << 15,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_NUMA_BALANCING: 1 << 13,
};

/** Entries by name, the last of a name wins (ENG-014); HOME only with a value: else it is found out by init. */
export function programEnvironment(env: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of env) byName.set(entry.slice(0, Math.max(0, entry.indexOf('='))), entry);
  return [...byName.values()].filter((entry) => entry !== 'HOME=');
}

const variable = (env: readonly string[], name: string): string | undefined =>
  env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

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

export function planProcess(plan: ProcessPlan): PlannedProcess {
  const { process, pointer, facts } = plan;
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
  const capabilities = capabilitySets(process.capabilities ?? {}, grantable(facts), `${pointer}/capabilities`);
  const filter = seccompSteps(plan);
  const env = programEnvironment(process.env ?? []);
  const limit = descriptorSteps(plan, filter.steps.length > 0 && (!process.noNewPrivileges || filter.listener));
  const steps = [
    ...(process.terminal ? [] : [step('exchange null devices of the host among the standard streams', { op: 'stdio.null' })]),
    ...limitSteps(plan, step),
    ...schedulingSteps(plan, step),
    ...labelSteps(plan, step),
    step(`change to the directory ${process.cwd}`, { op: 'cwd.set', path: process.cwd, later: process.cwd !== '/' }, '/cwd'),
    step(`set the umask to 0${umask.toString(8)}`, { op: 'umask.set', mask: umask }, user.umask === undefined ? undefined : '/user/umask'),
    ...(variable(env, 'HOME') ? [] : [step(`find the home directory of user ${uid}`, { op: 'home.find', uid })]),
    step('mark everything else close-on-exec', {
      op: 'fds.seal',
      first: 3 + plan.preserveFds,
      keep: plan.keptSlots,
    }),
    // The filter could answer for the kernel and leave the set whole.
    step(
      'drop capabilities from the bounding set',
      { op: 'caps.bounding', keep: capabilities.sets.bounding, last: facts.lastCapability },
      '/capabilities/bounding',
    ),
    // From a filter on, only what the filter allows: nothing that is not about credentials comes after this line.
    ...(process.noNewPrivileges ? [] : [...limit.early, ...filter.steps]),
    ...credentialSteps(plan, uid, gid, capabilities.sets, step),
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

/** Last of all, but before a filter that is loaded `early`, which may forbid it; unless `start` could not be waited for then. */
function descriptorSteps({ descriptors }: ProcessPlan, early: boolean): { readonly early: Step[]; readonly late: Step[] } {
  return early && descriptors.leavesRoomForStart ? { early: descriptors.limit(), late: [] } : { early: [], late: descriptors.limit() };
}

/** Some directories only the user may enter: a server's, or one whose owner has no id in the user namespace (ENG-025). */
function retryDirectory(path: string, step: MakeStep): Step[] {
  if (path === '/') return [];
  return [step(`change to the directory ${path} as that user, if root could not`, { op: 'cwd.retry', path }, '/cwd')];
}

type MakeStep = (title: string, action: Action, at?: string) => Step;

/** What the runtime can give. */
export function grantable({ boundingCapabilities, initialUserNamespace, euid, lastCapability }: HostFacts): bigint {
  // A user namespace of its own gives the process every capability inside it.
  return initialUserNamespace && euid === 0 ? boundingCapabilities : (1n << BigInt(lastCapability + 1)) - 1n;
}

function resourceNumber(type: string, pointer: string): number {
  const resource = resources[type];
  if (resource === undefined) throw new RuntimeError('RLIMIT_UNKNOWN', `unknown resource limit ${JSON.stringify(type)}`, { pointer });
  return resource;
}

function limitSteps({ process, pointer, descriptors }: ProcessPlan, step: MakeStep): Step[] {
  return (process.rlimits ?? []).flatMap(({ type, soft, hard }, index) => {
    if (index === descriptors.index) return [];
    const resource = resourceNumber(type, `${pointer}/rlimits/${index}/type`);
    return step(
      `limit ${type} to ${soft}, at most ${hard}`,
      { op: 'rlimit.set', resource, soft: BigInt(soft), hard: BigInt(hard) },
      `/rlimits/${index}`,
    );
  });
}

/**
 * What takes CAP_SYS_RESOURCE, CAP_SYS_NICE or CAP_SYS_ADMIN of the initial user namespace (setrlimit(2), sched(7), ioprio_set(2)), for the
 * process that is about to enter another: hard limits are raised as far as needed, the limits themselves come later and only lower them.
 * @param pointer of the process object
 */
export function beforeUserNamespace(process: Process | undefined, pointer: string): Step[] {
  if (!process) return [];
  const step: MakeStep = (title, action, at) => ({ chapter, pointer: `${pointer}${at ?? ''}`, title, stage: 'intermediate', action });
  const limits = (process.rlimits ?? []).map(({ type, hard }, index) => {
    const resource = resourceNumber(type, `${pointer}/rlimits/${index}/type`);
    return step(`allow ${type} up to ${hard}`, { op: 'rlimit.raise', resource, hard: BigInt(hard) }, `/rlimits/${index}`);
  });
  return [...limits, ...prioritySteps(process, step, 'inherited')];
}

function schedulerAction(scheduler: Scheduler): Action {
  return {
    op: 'scheduler.set',
    policy: policies.indexOf(scheduler.policy),
    nice: BigInt(scheduler.nice ?? 0),
    priority: scheduler.priority ?? 0,
    flags: (scheduler.flags ?? []).reduce((flags, name) => flags | (schedulerFlags[name] ?? 0n), 0n),
    runtime: BigInt(scheduler.runtime ?? 0),
    deadline: BigInt(scheduler.deadline ?? 0),
    period: BigInt(scheduler.period ?? 0),
  };
}

function affinitySteps({ affinity, pointer }: ProcessPlan, step: MakeStep): Step[] {
  if (affinity === 'inherit') return [];
  if (affinity === undefined) return [step('allow every cpu of the cgroup', { op: 'affinity.set', mask: [] })];
  return [
    step(
      `run on the cpus ${affinity}`,
      { op: 'affinity.set', mask: parseCpuList(affinity, `${pointer}/execCPUAffinity/final`) },
      '/execCPUAffinity/final',
    ),
  ];
}

/** Whether a child has the scheduler of its parent (sched(7)); a parent with a deadline cannot even have one. */
const isInherited = ({ policy, flags }: Scheduler): boolean =>
  policy !== 'SCHED_DEADLINE' && !(flags ?? []).includes('SCHED_FLAG_RESET_ON_FORK');

/** Scheduler and I/O priority: all, what a process inherits from its parent, or what it has to set itself (its own). */
function prioritySteps({ scheduler, ioPriority }: Process, step: MakeStep, which: 'all' | 'inherited' | 'own'): Step[] {
  const steps: Step[] = [];
  if (scheduler && (which === 'all' || isInherited(scheduler) === (which === 'inherited')))
    steps.push(step(`schedule by ${scheduler.policy}`, schedulerAction(scheduler), '/scheduler'));
  if (ioPriority && which !== 'own') {
    const { class: name, priority } = ioPriority;
    const value = ((ioClasses[name] ?? 0) << 13) | Number(priority);
    steps.push(step(`set the I/O priority to ${name} ${priority}`, { op: 'ioprio.set', value }, '/ioPriority'));
  }
  return steps;
}

function schedulingSteps(plan: ProcessPlan, step: MakeStep): Step[] {
  const { process, memoryPolicy, personality } = plan;
  const steps = [...affinitySteps(plan, step), ...prioritySteps(process, step, plan.userNamespace ? 'own' : 'all')];
  if (memoryPolicy) {
    const flags = (memoryPolicy.flags ?? []).reduce((bits, name) => bits | (memoryFlags[name] ?? 0), 0);
    const mode = memoryModes.indexOf(memoryPolicy.mode) | flags;
    const nodes = memoryPolicy.nodes ? parseCpuList(memoryPolicy.nodes, '/linux/memoryPolicy/nodes') : [];
    steps.push({
      ...step(`set the memory policy to ${memoryPolicy.mode}`, { op: 'mempolicy.set', mode, nodes }),
      pointer: '/linux/memoryPolicy',
    });
  }
  if (personality) {
    const domain = personality.domain === 'LINUX32' ? 0x0008 : 0;
    steps.push({
      ...step(`set the personality to ${personality.domain}`, { op: 'personality.set', domain }),
      pointer: '/linux/personality',
    });
  }
  return steps;
}

/** Security labels of the next execve; a label the kernel cannot honour is an error, never silence. */
function labelSteps({ process, pointer, facts }: ProcessPlan, step: MakeStep): Step[] {
  const steps: Step[] = [];
  if (process.apparmorProfile) {
    if (!facts.apparmor)
      throw unenforced('AppArmor', `apparmor profile ${JSON.stringify(process.apparmorProfile)}`, `${pointer}/apparmorProfile`);
    const value = `exec ${process.apparmorProfile}`;
    steps.push(
      step(
        `confine by the AppArmor profile ${process.apparmorProfile}`,
        { op: 'procfs.write', slot: slots.procfs, path: 'thread-self/attr/apparmor/exec', value },
        '/apparmorProfile',
      ),
    );
  }
  if (process.selinuxLabel) {
    if (!facts.selinux) throw unenforced('SELinux', `selinux label ${JSON.stringify(process.selinuxLabel)}`, `${pointer}/selinuxLabel`);
    steps.push(
      step(
        `label the process ${process.selinuxLabel}`,
        { op: 'procfs.write', slot: slots.procfs, path: 'thread-self/attr/exec', value: process.selinuxLabel },
        '/selinuxLabel',
      ),
    );
  }
  return steps;
}

/** Keep-caps carries the capabilities over the change of user, to where they are cut to what the process may have. */
function credentialSteps({ process, setGroups }: ProcessPlan, uid: number, gid: number, sets: CapabilitySets, step: MakeStep): Step[] {
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

/** Loaded last under no_new_privs; else while CAP_SYS_ADMIN is still there, which the kernel then demands (seccomp(2)). */
function seccompSteps({ seccomp, seccompFilter, facts }: ProcessPlan): {
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
