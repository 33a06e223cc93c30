import type { HostFacts } from '../../host/facts.ts';
import type { Linux, Mount, Spec } from '../../spec/types.ts';
import { planCgroups } from '../cgroups/cgroups.ts';
import { cgroupRequest } from '../cgroups/request.ts';
import { isNew, type PlanContext, type PlanOptions, planContext } from '../context.ts';
import { planRuntimeHooks } from '../hooks.ts';
import { attachFirst } from '../mounts/attach-first.ts';
import { planMounts } from '../mounts/mounts.ts';
import { IdMappings } from '../namespaces/idmap.ts';
import { planNetDevices } from '../network.ts';
import type { Plan, Step } from '../plan.ts';
import { planRdt } from '../rdt.ts';
import { planDevices } from '../rootfs/devices.ts';
import { planMasks } from '../rootfs/readonly-and-masked.ts';
import { openProcfs, planRootfs } from '../rootfs/rootfs.ts';
import { syncPoints } from '../wire/places.ts';
import { type CriuPlaces, planDirectories, type SeenDirectories } from './directories.ts';
import { type CriuRequest, commonOptions } from './dump.ts';
import { type CriuProgram, criuStep, ownMountNamespace, planLaunch } from './launch.ts';
import { foreignNamespaces, requireOwnNamespaces, requireOwnUserNamespace } from './namespaces.ts';
import type { CriuOptions } from './rpc.ts';

/** What restore is asked for beyond what checkpoint is. */
export interface RestoreOptions extends CriuRequest {
  readonly tcpClose: boolean;
  readonly lsmProfile?: string;
  readonly lsmMountContext?: string;
}

export function restoreOptions(request: RestoreOptions, logFile: string): CriuOptions {
  const { lsmProfile, lsmMountContext } = request;
  return {
    ...commonOptions(request, logFile),
    evasive_devices: true,
    rst_sibling: true,
    tcp_close: request.tcpClose,
    ...(lsmProfile === undefined ? {} : { lsm_profile: lsmProfile }),
    ...(lsmMountContext === undefined ? {} : { lsm_mount_context: lsmMountContext }),
  };
}

/** The plan of a restore, and the slots of the namespaces that CRIU gets descriptors of, in the order of `foreignNamespaces`. */
export interface RestorePlan extends Plan {
  readonly namespaceSlots: readonly number[];
  readonly stage: string;
  readonly directories: SeenDirectories;
}

/** How CRIU is started. */
export interface Launch {
  readonly program: CriuProgram;
  /**
   * Directory where the mounts of the container wait for CRIU, by their mount ids: nobody but the runtime can change what a path there
   * leads to, as the image can of paths in the root filesystem.
   */
  readonly stage: string;
  /** Such a directory that everybody finds, for a container whose root may not look into the state root; it hides what is there from CRIU. */
  readonly publicStage: string;
  readonly places: CriuPlaces;
}

/** A mapping that the container's user namespace gives is the mount's own where there is no such namespace. */
function withOwnMappings(spec: Spec): readonly Mount[] | undefined {
  const { uidMappings, gidMappings, namespaces } = spec.linux ?? {};
  if (!namespaces?.some(({ type, path }) => type === 'user' && !path) || !uidMappings || !gidMappings) return spec.mounts;
  return spec.mounts?.map((mount) =>
    mount.options?.some((option) => option === 'idmap' || option === 'ridmap') && !mount.uidMappings?.length
      ? { ...mount, uidMappings, gidMappings }
      : mount,
  );
}

/**
 * The mounts of the container as the runtime sees them, without any other of its namespaces: CRIU makes those. What it cannot make
 * by itself it takes from here, with flags and mapped ids, and the mount points that a new root filesystem lacks are made on the way.
 */
function mountContext({ spec, options, facts, cgroupPaths }: PlanContext): PlanContext {
  const linux = { ...spec.linux, namespaces: [{ type: 'mount' as const }] };
  const { process: _process, hooks: _hooks, mounts: _mounts, ...rest } = spec;
  const mounts = withOwnMappings(spec);
  return planContext({ ...rest, ...(mounts === undefined ? {} : { mounts }), linux }, options, facts, cgroupPaths);
}

/** CRIU puts the old root there, or in a directory that it makes: since 4.2 a read-only root is that by then, and lets it make none. */
function planPutOld({ spec }: PlanContext): Step[] {
  if (!spec.root?.readonly) return [];
  return [criuStep('make the directory /tmp where it is missing, for CRIU to change the root', { op: 'cwd.make', path: '/tmp' })];
}

/** A container with a user namespace has its devices on mounts of their own, which CRIU is given again like any other. */
function deviceContext(context: PlanContext, { namespaces = [] }: Linux): PlanContext {
  const user = namespaces.filter(({ type }) => type === 'user');
  return { ...context, linux: { ...context.linux, namespaces: [...(context.linux.namespaces ?? []), ...user] } };
}

/**
 * CRIU gives each mount the attributes that it had, but takes none away in a user namespace. A node of the host, bound where the container had joined
 * one before Linux 6.3, had fewer.
 */
const withoutAttributes = (steps: readonly Step[]): Step[] =>
  steps.map((step) => (step.action.op === 'fs.mount' ? ({ ...step, action: { ...step.action, attributes: 0n } } as Step) : step));

function planMountTree(context: PlanContext, linux: Linux, ids: IdMappings): Step[] {
  const rootfs = planRootfs(context);
  const mounts = planMounts(context, ids);
  const devices = planDevices(deviceContext(context, linux));
  return [
    ...rootfs.early,
    ...mounts.early,
    ...mounts.foreign,
    ...withoutAttributes(devices.early),
    ...rootfs.attach,
    ...mounts.mounts,
    ...devices.devices,
    ...mounts.late,
    ...planMasks(context, mounts.places),
    ...planPutOld(context),
  ];
}

const waitForCgroups: Step = {
  chapter: 'Cgroups',
  title: 'wait for the cgroups',
  stage: 'init',
  action: { op: 'sync', point: syncPoints.cgroup },
};

/**
 * Compiles a validated spec into what has to happen until CRIU makes its processes from images, and what the runtime does meanwhile.
 * @throws RuntimeError CHECKPOINT_UNSUPPORTED, or with the pointer of a property that cannot be applied (RT-045)
 */
export function planRestore(spec: Spec, options: PlanOptions, facts: HostFacts, launch: Launch): RestorePlan {
  const linux = spec.linux ?? {};
  const stage = isNew(linux, 'user') ? launch.publicStage : launch.stage;
  requireOwnNamespaces(linux);
  requireOwnUserNamespace(linux);
  const cgroups = planCgroups(cgroupRequest(spec, options, facts));
  const whole = planContext(spec, options, facts, cgroups.cgroupPaths);
  const context = mountContext(whole);
  const ids = new IdMappings(context);
  const directories = planDirectories(context, linux, launch.places, stage, ids);
  const tree = planMountTree(context, linux, ids);
  const rdt = planRdt(whole);
  const namespaceSlots = foreignNamespaces(linux).map(() => context.nextSlot());
  const steps: Step[] = [
    ...cgroups.firstSteps,
    ...cgroups.steps,
    ...rdt.steps,
    waitForCgroups,
    ...cgroups.joinSteps,
    ownMountNamespace,
    openProcfs,
    ...tree,
    ...directories.steps,
    criuStep('put every mount where CRIU finds it', { op: 'mounts.stage', path: stage, directories: [...directories.slots] }),
    // It takes the container's cgroups from those that it is in itself.
    ...cgroups.lateJoinSteps,
    ...planLaunch(launch.program, namespaceSlots),
    ...planNetDevices(whole).map(onceThereIsANetwork),
    ...planRuntimeHooks(whole),
  ];
  return {
    steps: attachFirst(inOneProcess(steps), facts),
    warnings: cgroups.warnings,
    cgroupPaths: cgroups.cgroupPaths,
    namespaceSlots,
    stage,
    directories: directories.seen,
    ...(cgroups.systemdUnit === undefined ? {} : { systemdUnit: cgroups.systemdUnit }),
    ...(rdt.groups === undefined ? {} : { resctrl: rdt.groups }),
  };
}

/** CRIU makes the network namespace, and the hooks may want to find the devices there. */
const onceThereIsANetwork = (step: Step): Step => (step.stage === 'runtime' ? { ...step, at: 'runtimeHooks' } : step);

/** Nothing is cloned here: the process that is started becomes CRIU. */
const inOneProcess = (steps: readonly Step[]): Step[] =>
  steps.map((step) => (step.stage === 'intermediate' ? { ...step, stage: 'init' } : step));

/** Whether a network namespace is made, in which the loopback interface has to be set up anew. */
export const hasNewNetwork = (spec: Spec): boolean => isNew(spec.linux ?? {}, 'network');
