import { hooksOf } from '../../plan/hooks.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { missingCgroups } from '../cgroups/occupancy.ts';
import type { FailedStep } from '../failure/failed-step.ts';
import { expectMount, expectShared } from '../host/mounts.ts';
import type { CreateRequest } from '../init/created.ts';
import type { ContainerRecord } from './container-record.ts';
import { recordFormat } from './record.ts';

/**
 * What is known of a container before anything of it is made.
 * @throws RuntimeError MOUNT_NAMESPACE_MISSING
 */
export function firstRecord(
  { id, noPivot, noNewKeyring, recorder }: CreateRequest,
  { path, spec, rootfs }: Bundle,
  { cgroupPaths, mountsOnHost, sharedMounts, resctrl, steps }: Plan,
): ContainerRecord {
  const namespaces = spec.linux?.namespaces ?? [];
  return {
    formatVersion: recordFormat,
    id,
    ociVersion: spec.ociVersion,
    pid: 0,
    startTime: '0',
    isCreated: false,
    bundle: path,
    rootfs,
    created: new Date().toISOString(),
    ...(Object.keys(spec.annotations ?? {}).length > 0 ? { annotations: spec.annotations } : {}),
    cgroupPaths,
    // Noted before they are made: when the runtime is killed half-way, delete --force knows what to remove.
    madeCgroups: missingCgroups(cgroupPaths),
    ...(resctrl === undefined ? {} : { resctrl }),
    ...(mountsOnHost ? { hostMount: expectMount(rootfs) } : {}),
    ...(sharedMounts ? { sharedMounts: sharedMounts.map(expectShared) } : {}),
    hasProcess: spec.process !== undefined,
    ...(spec.linux?.seccomp ? { isFiltered: true as const } : {}),
    ...(recorder ? { isRecorded: true as const } : {}),
    hasOwnPidNamespace: namespaces.some(({ type, path: joined }) => type === 'pid' && !joined),
    changedRoot: noPivot || !namespaces.some(({ type }) => type === 'mount'),
    ...(noNewKeyring ? { callersKeyring: true as const } : {}),
    startSteps: startSteps(steps),
    poststart: hooksOf(spec, 'poststart'),
    poststop: hooksOf(spec, 'poststop'),
  };
}

/** Environments, states and filters stay out of the record: only what an error message mentions is kept. */
function startSteps(steps: Plan['steps']): Record<string, FailedStep> {
  const first = steps.findIndex(({ action }) => action.op === 'fifo.wait') + 1;
  // A restored container runs as soon as it is made.
  if (first === 0) return {};
  return Object.fromEntries(
    steps.slice(first).map(({ title, pointer, action }, later) => {
      const { op, path, args } = action as { op: string; path?: string; args?: readonly string[] };
      const named = { op, ...(path === undefined ? {} : { path }), ...(args === undefined ? {} : { args: args.slice(0, 1) }) };
      return [String(first + later), { title, ...(pointer === undefined ? {} : { pointer }), action: named as FailedStep['action'] }];
    }),
  );
}
