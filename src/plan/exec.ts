import type { HostFacts } from '../host/facts.ts';
import type { Linux, LinuxSeccomp, Process } from '../spec/types.ts';
import { parseCpuList } from './cpu-list.ts';
import { DescriptorLimit } from './descriptors.ts';
import { ownNamespaceFlags } from './namespaces.ts';
import type { Step, Warning } from './plan.ts';
import { beforeUserNamespace, planProcess } from './process.ts';
import type { SeccompFilter } from './seccomp.ts';
import { type Action, slots, syncPoints } from './wire.ts';

export interface ExecOptions {
  /** What `linux` of the container's config.json says. */
  readonly linux: Linux;
  readonly process: Process;
  readonly seccomp?: LinuxSeccomp | undefined;
  readonly seccompFilter?: SeccompFilter | undefined;
  /** Slots that hold the cgroup files to enter by. */
  readonly cgroupSlots: readonly number[];
  readonly preserveFds: number;
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
    setGroups: facts.euid === 0,
    userNamespace: inUserNamespace,
    // Only `initial` given: what becomes of it when the cgroup is entered is the kernel's business (CFG-063).
    affinity: final || (initial ? 'inherit' : undefined),
  });
  const enter = (title: string, action: Action): Step => ({ chapter, title, stage: 'intermediate', action });
  const steps: Step[] = [
    ...descriptors.allow(),
    enter('hide from the processes of the container', { op: 'dumpable.set', on: false }),
    ...(inUserNamespace ? beforeUserNamespace(process, '') : []),
    // Before the user namespace is entered: there a user's quota is small.
    ...(options.keyring === undefined ? [] : [enter('join a session keyring of its own', { op: 'keyring.join', name: options.keyring })]),
    enter("wait for the container's namespaces and cgroups", { op: 'sync', point: syncPoints.cgroup }),
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
    enter('clone the process', { op: 'ns.clone', flags: 0 }),
    ...(options.changeRoot
      ? [
          {
            chapter,
            title: "change to the container's root",
            stage: 'init' as const,
            action: { op: 'root.chroot' as const, slot: slots.targetRoot },
          },
        ]
      : []),
    { chapter, title: 'start a new session', stage: 'init', action: { op: 'session.new' } },
    ...labelProcfs(process),
    ...execConsole(process),
    ...common.steps,
    ...common.confinement,
    ...common.last,
  ];
  return { steps, warnings: common.warnings };
}

function labelProcfs({ apparmorProfile, selinuxLabel }: Process): Step[] {
  if (!apparmorProfile && !selinuxLabel) return [];
  return [
    { chapter: 'Process', title: 'open a private procfs', stage: 'init', action: { op: 'procfs.open', slot: slots.procfs, subset: true } },
  ];
}

function execConsole(process: Process): Step[] {
  if (!process.terminal) return [];
  const { width = 0, height = 0 } = process.consoleSize ?? {};
  const action = { op: 'console.open', devpts: '/dev/pts', console: '', width, height, uid: process.user?.uid ?? 0 } as const;
  return [{ chapter: 'Process', pointer: '/terminal', title: 'open a terminal', stage: 'init', action }];
}
