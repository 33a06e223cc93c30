import type { HostFacts } from '../host/facts.ts';
import { CLONE_NEWCGROUP } from '../kernel.gen.ts';
import type { Spec } from '../spec/types.ts';
import { planCgroups } from './cgroups/cgroups.ts';
import { cgroupRequest } from './cgroups/request.ts';
import { hasOwn, isNew, isUnprivileged, type PlanContext, type PlanOptions, planContext } from './context.ts';
import { DescriptorLimit, slotsOf } from './descriptors.ts';
import { planContainerHooks, planCreateContainerHooks, planRuntimeHooks } from './hooks.ts';
import { requireOldest } from './kernel-release.ts';
import { attachFirst } from './mounts/attach-first.ts';
import { planMounts } from './mounts/mounts.ts';
import { planNames } from './names.ts';
import { maySetGroups } from './namespaces/id-maps.ts';
import { planNamespaces } from './namespaces/namespaces.ts';
import { planLoopback, planNetDevices } from './network.ts';
import type { Plan, Step } from './plan.ts';
import { beforeUserNamespace } from './process/before-user-namespace.ts';
import { planProcess } from './process/process.ts';
import { planRdt } from './rdt.ts';
import { planDevices } from './rootfs/devices.ts';
import { planProtection } from './rootfs/readonly-and-masked.ts';
import { mountsOnHost, openProcfs, planRootChange, planRootfs } from './rootfs/rootfs.ts';
import { planSysctl } from './sysctl.ts';
import { slots, syncPoints } from './wire/places.ts';

/**
 * Compiles a validated spec into everything that has to happen to make the container, in order: the table of contents of runts.
 * @throws RuntimeError with the pointer of a property that cannot be applied (RT-045)
 */
export function plan(spec: Spec, options: PlanOptions, facts: HostFacts): Plan {
  requireOldest(facts.kernel);
  const cgroups = planCgroups(cgroupRequest(spec, options, facts));
  const context = planContext(spec, options, facts, cgroups.cgroupPaths);
  const rootfs = planRootfs(context);
  const mounts = planMounts(context);
  const devices = planDevices(context);
  const sharedMounts = mounts.places.onHost(context);
  const rights = hasOwn(context.linux, 'user') ? beforeUserNamespace(spec.process, '/process') : [];
  const early = [...rootfs.early, ...mounts.early, ...devices.early];
  const descriptors = new DescriptorLimit(spec.process, '/process', options.preserveFds, slotsOf([...early, ...mounts.foreign]));
  const process = planContainerProcess(context, descriptors);
  const rdt = planRdt(context);
  const steps: Step[] = [
    ...cgroups.firstSteps,
    ...descriptors.allow(),
    ...planNamespaces(context, [...early, ...rights], mounts.foreign),
    ...cgroups.steps,
    ...rdt.steps,
    ...planOomScore(context),
    ...planNetDevices(context),
    ...waitForCgroup(cgroups.joinSteps),
    ...cgroupNamespace(context),
    ...planSession(context),
    ...planLoopback(context),
    ...planNames(context),
    openProcfs,
    ...rootfs.attach,
    ...mounts.mounts,
    ...devices.devices,
    ...planConsole(context),
    ...runtimeHooks(context),
    ...planCreateContainerHooks(context),
    ...planSysctl(context),
    ...planRootChange(context),
    ...planDirectory(context),
    ...mounts.late,
    ...planProtection(context, mounts.places),
    ...cgroups.lateJoinSteps,
    ...process.steps,
    ...waitForStart(),
    ...process.confinement,
    ...planContainerHooks(context, 'startContainer'),
    ...process.last,
  ];
  return {
    steps: attachFirst(steps, facts),
    warnings: [...cgroups.warnings, ...mounts.warnings, ...devices.warnings, ...process.warnings],
    cgroupPaths: cgroups.cgroupPaths,
    ...(mountsOnHost(context) ? { mountsOnHost: true as const } : {}),
    ...(sharedMounts.length > 0 ? { sharedMounts } : {}),
    ...(cgroups.systemdUnit === undefined ? {} : { systemdUnit: cgroups.systemdUnit }),
    ...(rdt.groups === undefined ? {} : { resctrl: rdt.groups }),
  };
}

function waitForCgroup(joinSteps: readonly Step[]): Step[] {
  const title = 'wait for the cgroups and the exec fifo';
  return [{ chapter: 'Cgroups', title, stage: 'init', action: { op: 'sync', point: syncPoints.cgroup } }, ...joinSteps];
}

/** Written by the runtime: the process itself may no longer own its files in /proc, nor may a user once it has become root of its namespace. */
function planOomScore({ spec, facts }: PlanContext): Step[] {
  const value = spec.process?.oomScoreAdj;
  if (value === undefined) return [];
  const at = isUnprivileged(facts) ? 'idMappings' : 'cgroup';
  const action = { op: 'oomScoreAdj.write', value } as const;
  return [{ chapter: 'Cgroups', pointer: '/process/oomScoreAdj', title: `set oom_score_adj to ${value}`, stage: 'runtime', at, action }];
}

function cgroupNamespace({ linux }: PlanContext): Step[] {
  if (!isNew(linux, 'cgroup')) return [];
  // After the cgroups are entered: the namespace takes the caller's cgroups for its root (cgroup_namespaces(7)).
  return [
    {
      chapter: 'Cgroups',
      pointer: '/linux/namespaces',
      title: 'create a cgroup namespace rooted here',
      stage: 'init',
      action: { op: 'ns.unshare', flags: CLONE_NEWCGROUP },
    },
  ];
}

function planSession({ options }: PlanContext): Step[] {
  const chapter = 'Session';
  const keyring: Step = {
    chapter,
    title: 'join a session keyring of its own',
    stage: 'init',
    action: { op: 'keyring.join', name: `_ses.${options.id}` },
  };
  return [
    ...(options.noNewKeyring ? [] : [keyring]),
    { chapter, title: 'start a new session', stage: 'init', action: { op: 'session.new' } },
  ];
}

function planConsole({ spec, linux, options }: PlanContext): Step[] {
  const { process } = spec;
  if (!process?.terminal) return [];
  const { width = 0, height = 0 } = process.consoleSize ?? {};
  const console = hasOwn(linux, 'mount') ? '/dev/console' : '';
  const onlcr = options.plainNewlines !== true;
  const action = { op: 'console.open', devpts: '/dev/pts', console, width, height, uid: process.user?.uid ?? 0, onlcr } as const;
  return [
    { chapter: 'Devices', pointer: '/process/terminal', title: 'open the terminal and mount it on /dev/console', stage: 'init', action },
    {
      chapter: 'Devices',
      pointer: '/process/terminal',
      title: 'make it the controlling terminal',
      stage: 'init',
      action: { op: 'console.control' },
    },
  ];
}

function runtimeHooks(context: PlanContext): Step[] {
  const hooks = planRuntimeHooks(context);
  if (hooks.length === 0) return [];
  const wait: Step = {
    chapter: 'Hooks',
    title: "wait for the runtime's hooks",
    stage: 'init',
    action: { op: 'sync', point: syncPoints.runtimeHooks },
  };
  return [...hooks, wait];
}

/** Before anything becomes read-only. Of exec a missing one is an error (ENG-025). */
function planDirectory({ spec }: PlanContext): Step[] {
  const path = spec.process?.cwd ?? '/';
  if (path === '/') return [];
  const action = { op: 'cwd.make', path } as const;
  return [{ chapter: 'Process', pointer: '/process/cwd', title: `make the directory ${path} where it is missing`, stage: 'init', action }];
}

function planContainerProcess(
  { spec, linux, options, facts }: PlanContext,
  descriptors: DescriptorLimit,
): Omit<ReturnType<typeof planProcess>, 'sets'> {
  if (!spec.process) return { steps: [], confinement: [], last: [], warnings: [] };
  return planProcess({
    process: spec.process,
    facts,
    pointer: '/process',
    seccomp: linux.seccomp,
    seccompFilter: options.seccompFilter,
    personality: linux.personality,
    memoryPolicy: linux.memoryPolicy,
    preserveFds: options.preserveFds,
    descriptors,
    keptSlots: [slots.execFifo, slots.procfs],
    setGroups: maySetGroups(linux, facts),
    userNamespace: hasOwn(linux, 'user'),
  });
}

function waitForStart(): Step[] {
  const chapter = 'Start';
  return [
    { chapter, title: 'report that the container is created', stage: 'init', action: { op: 'report.ready' } },
    {
      chapter,
      title: 'wait until start reads the exec fifo',
      stage: 'init',
      action: { op: 'fifo.wait', slot: slots.execFifo, procfs: slots.procfs },
    },
  ];
}
