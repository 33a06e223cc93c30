import { RuntimeError } from '../../errors.ts';
import { hostFacts } from '../../host/probe.ts';
import { addon } from '../../native/addon.ts';
import { planCgroups } from '../../plan/cgroups/cgroups.ts';
import type { Spec } from '../../spec/types.ts';
import { removeCgroups } from '../cgroups/removal.ts';
import type { Context } from '../context.ts';
import { managerCgroup } from '../systemd/scope.ts';
import type { ContainerRecord } from './container-record.ts';
import { recordFormat } from './record.ts';
import { discard, loadSpec } from './store.ts';

/**
 * Removes a container whose state cannot be read: its cgroups with the processes in them, as far as its name and the configuration kept
 * beside the state tell, and its directory. What cannot be known is said.
 * @param damage what is wrong with the state
 */
export function removeByName(context: Context, id: string, damage: string): void {
  const record = guess(context, id);
  const { madeCgroups, cgroupPaths } = record;
  removeCgroups(context, record);
  discard(context, id);
  const left = existing(cgroupPaths);
  const message = [
    `container ${id}: ${damage}; removed by its name: its directory${list(
      ', the cgroups ',
      madeCgroups.filter((path) => !left.includes(path)),
    )}`,
    `not known, and left: a process outside of these cgroups, mounts on the host, resctrl groups, poststop hooks${list(', the cgroups ', left)}`,
  ].join('; ');
  context.warn({ code: 'STATE_DAMAGED', message });
}

const list = (words: string, paths: readonly string[]): string => (paths.length > 0 ? words + paths.join(' ') : '');

const existing = (paths: ContainerRecord['cgroupPaths']): string[] =>
  Object.values(paths).filter((path) => addon.stat(path, false)?.type === 'directory');

/** A cgroup of this name was made for the container; one of another name may well be shared. */
const isNamedAfter = (id: string, path: string): boolean => {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === id || name === `${id}.scope` || name.endsWith(`-${id}.scope`);
};

/** What the record may have said. */
function guess(context: Context, id: string): ContainerRecord {
  const spec = keptSpec(context, id);
  const { cgroupPaths, systemdUnit } = plannedCgroups(context, id, spec);
  return {
    formatVersion: recordFormat,
    id,
    ociVersion: spec.ociVersion,
    pid: 0,
    startTime: '0',
    isCreated: true,
    bundle: '/',
    rootfs: '/',
    created: '',
    cgroupPaths,
    madeCgroups: existing(cgroupPaths).filter((path) => isNamedAfter(id, path)),
    ...(systemdUnit === undefined ? {} : { systemdUnit }),
    hasProcess: true,
    hasOwnPidNamespace: false,
    changedRoot: false,
    startSteps: {},
    poststart: [],
    poststop: [],
  };
}

function keptSpec(context: Context, id: string): Spec {
  try {
    return loadSpec(context, id);
  } catch {
    // Then the cgroups are looked for where a configuration without a path has them.
    return { ociVersion: '1.0.0' } as Spec;
  }
}

function plannedCgroups(context: Context, id: string, spec: Spec): Pick<ContainerRecord, 'cgroupPaths' | 'systemdUnit'> {
  const facts = hostFacts();
  const { cgroupDriver } = context;
  const manager = managerCgroup(context, facts);
  const where = {
    id,
    systemd: cgroupDriver === 'systemd',
    disabled: cgroupDriver === 'disabled',
    ...(manager === undefined ? {} : { managerCgroup: manager }),
  };
  try {
    // Without its limits, which this host need not be able to express any more.
    const { cgroupsPath } = spec.linux ?? {};
    return planCgroups({ ...where, facts, spec: { ...spec, linux: cgroupsPath === undefined ? {} : { cgroupsPath } } });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return { cgroupPaths: {} };
  }
}
