import type { HostFacts } from '../../host/facts.ts';
import type { SeccompFilter } from '../../spec/seccomp/seccomp.ts';
import type { Linux, LinuxSeccomp, Process } from '../../spec/types.ts';
import { isUnprivileged } from '../context.ts';
import { parseCpuList } from '../cpu-list.ts';
import { DescriptorLimit } from '../descriptors.ts';
import { maySetGroups } from '../namespaces/id-maps.ts';
import { ownNamespaceFlags } from '../namespaces/namespaces.ts';
import type { Step, Warning } from '../plan.ts';
import type { Action, Op } from '../wire/ops.ts';
import { slots, syncPoints } from '../wire/places.ts';
import { beforeUserNamespace } from './before-user-namespace.ts';
import { type CapabilityName, capabilityBit } from './capabilities.ts';
import { grantable, planProcess } from './process.ts';

export interface ExecOptions {
  /** What `linux` of the container's config.json says. */
  readonly linux: Linux;
  readonly process: Process;
  readonly seccomp?: LinuxSeccomp | undefined;
  readonly seccompFilter?: SeccompFilter | undefined;
  /** Slots that hold the cgroup files to enter by. */
  readonly cgroupSlots: readonly number[];
  readonly preserveFds: number;
  /** Whether the terminal of the process adds no carriage return to a newline. */
  readonly plainNewlines?: boolean;
  /** Whether the container's root differs from the root of its mount namespace (--no-pivot, no mount namespace). */
  readonly changeRoot: boolean;
  /** Name for a session keyring; absent: the caller's is kept, as it was for the container. */
  readonly keyring?: string | undefined;
}

/** One more process in a running container: the same shape as create, without an environment to build. */
export function planExec(
  options: ExecOptions,
  facts: HostFacts,
): { readonly steps: readonly Step[]; readonly warnings: readonly Warning[] } {
  const { linux, process, cgroupSlots } = options;
  const chapter = 'Enter the container';
  const { initial, final } = process.execCPUAffinity ?? {};
  const flags = ownNamespaceFlags(linux);
  const inUserNamespace = linux.namespaces?.some(({ type }) => type === 'user') ?? false;
  const descriptors = new DescriptorLimit(process, '', options.preserveFds, 0);
  const common = planProcess({
    process,
    descriptors,
    facts,
    pointer: '',
    seccomp: options.seccomp,
    seccompFilter: options.seccompFilter,
    personality: linux.personality,
    memoryPolicy: linux.memoryPolicy,
    preserveFds: options.preserveFds,
    keptSlots: [],
    setGroups: maySetGroups(linux, facts),
    userNamespace: inUserNamespace,
    // Only `initial` given: what becomes of it when the cgroup is entered is the kernel's business (CFG-063).
    affinity: final || (initial ? 'inherit' : undefined),
  });
  const early = earlySteps(common.steps, options);
  const needed = common.sets.permitted | (neededCapabilities(options, early) & grantable({ facts, userNamespace: inUserNamespace }));
  const enter = (title: string, action: Action): Step => ({ chapter, title, stage: 'intermediate', action });
  const hide = enter('hide from the processes of the container', { op: 'dumpable.set', on: false });
  // Hidden, its files in /proc belong to root, and the runtime has to write one. Of what is in another user namespace nobody has the rights to look at it.
  const writable = isUnprivileged(facts);
  const steps: Step[] = [
    ...descriptors.allow(),
    ...(writable ? [] : [hide]),
    ...(inUserNamespace ? beforeUserNamespace(process, '') : []),
    // Before the user namespace is entered: there a user's quota is small.
    ...(options.keyring === undefined ? [] : [enter('join a session keyring of its own', { op: 'keyring.join', name: options.keyring })]),
    enter("wait for the container's namespaces and cgroups", { op: 'sync', point: syncPoints.cgroup }),
    ...(writable ? [hide] : []),
    ...(initial
      ? [
          enter(`run on the cpus ${initial} until the cgroups are entered`, {
            op: 'affinity.set',
            mask: parseCpuList(initial, '/execCPUAffinity/initial'),
          }),
        ]
      : []),
    ...(cgroupSlots.length > 0 ? [enter("enter the container's cgroups", { op: 'cgroup.join', slots: cgroupSlots })] : []),
    ...(flags === 0 ? [] : [enter("join the container's namespaces", { op: 'ns.join', slot: slots.target, flags })]),
    ...(inUserNamespace
      ? [enter('become root of the user namespace', { op: 'user.set', uid: 0, gid: 0, groups: [], setGroups: false })]
      : []),
    ...(options.changeRoot ? [enter("change to the container's root", { op: 'root.chroot', slot: slots.targetRoot })] : []),
    ...execConsole(process, options.plainNewlines === true),
    ...early.map((step) => ({ ...step, stage: 'intermediate' }) as Step),
    enter('give up all capabilities but those that are still needed', {
      op: 'caps.set',
      effective: needed,
      permitted: needed,
      inheritable: common.sets.inheritable,
    }),
    enter('clone the process', { op: 'ns.clone', flags: 0 }),
    { chapter, title: 'start a new session', stage: 'init', action: { op: 'session.new' } },
    ...(process.terminal ? [controlTerminal] : []),
    ...labelProcfs(process),
    ...common.steps.filter((step) => !early.includes(step)),
    ...common.confinement,
    ...common.last,
  ];
  return { steps, warnings: common.warnings };
}

const controlTerminal: Step = {
  chapter: 'Process',
  pointer: '/terminal',
  title: 'make it the controlling terminal',
  stage: 'init',
  action: { op: 'console.control' },
};

/** Of the process: what it inherits from its maker. The rest hangs on the process, its session or its place among the user's processes. */
const inherited: readonly Op[] = [
  'stdio.null',
  'affinity.set',
  'mempolicy.set',
  'personality.set',
  'cwd.set',
  'umask.set',
  'home.find',
  'fds.seal',
  'caps.bounding',
];

const hasLabel = ({ apparmorProfile, selinuxLabel }: Process): boolean => Boolean(apparmorProfile || selinuxLabel);

/**
 * The steps that the intermediate can take in place of the process, which is seen by the container as soon as it is cloned: a container
 * with CAP_SYS_PTRACE then has every right and every descriptor that the process still has.
 */
function earlySteps(steps: readonly Step[], { process, seccompFilter }: ExecOptions): Step[] {
  const filterFirst = !process.noNewPrivileges && seccompFilter?.forks === true && !seccompFilter.listener && !hasLabel(process);
  return steps.filter(({ action: { op } }) => {
    if (op === 'seccomp.load') return filterFirst;
    // A label is written by the process itself, by the procfs in its slot.
    return (inherited as readonly string[]).includes(op) && !(op === 'fds.seal' && hasLabel(process));
  });
}

/** What the steps of the process itself take, besides what it is to have. */
function neededCapabilities({ process, seccomp }: ExecOptions, early: readonly Step[]): bigint {
  const names: CapabilityName[] = ['CAP_SETUID', 'CAP_SETGID'];
  if (process.rlimits?.length) names.push('CAP_SYS_RESOURCE');
  if (process.scheduler || process.ioPriority) names.push('CAP_SYS_NICE');
  const filterFirst = early.some(({ action }) => action.op === 'seccomp.load');
  if (hasLabel(process) || (seccomp && !process.noNewPrivileges && !filterFirst)) names.push('CAP_SYS_ADMIN');
  return names.reduce((bits, name) => bits | capabilityBit(name), 0n);
}

function labelProcfs(process: Process): Step[] {
  if (!hasLabel(process)) return [];
  return [
    { chapter: 'Process', title: 'open a private procfs', stage: 'init', action: { op: 'procfs.open', slot: slots.procfs, subset: true } },
  ];
}

function execConsole(process: Process, plainNewlines: boolean): Step[] {
  if (!process.terminal) return [];
  const { width = 0, height = 0 } = process.consoleSize ?? {};
  const action = {
    op: 'console.open',
    devpts: '/dev/pts',
    console: '',
    width,
    height,
    uid: process.user?.uid ?? 0,
    onlcr: !plainNewlines,
  } as const;
  return [{ chapter: 'Process', pointer: '/terminal', title: 'open a terminal', stage: 'intermediate', action }];
}
