import type { SystemdUnit } from '../../plan/cgroups/systemd/unit.ts';
import type { HookCommand, ResctrlGroups } from '../../plan/plan.ts';
import type { LinuxDeviceCgroup } from '../../spec/types.ts';
import type { FailedStep } from '../failure/failed-step.ts';
import type { recordFormat } from './record.ts';

/**
 * A mount of a container that the host sees: what init puts over the rootfs when there is no mount namespace of its own, so that all
 * that it mounts lies below; or one that comes out of it by a volume that is shared.
 */
export interface HostMount {
  readonly path: string;
  /** Id of the mount that the path lay on before. */
  readonly over: number;
  /** Ids of what lies there, top first, once it does: a mount over the container's "/" lies on top. */
  readonly layers?: readonly number[];
}

/** How the process of a stopped container ended, as far as it can be known. */
export interface Ending {
  /** Exit status; 128 + n when signal n killed it. */
  readonly exitStatus?: number;
  readonly exitSignal?: number;
  readonly oomKilled?: boolean;
  /** Most memory in use, in bytes. */
  readonly memoryPeak?: number;
}

/** A process that another command may have to find again. */
export interface ProcessRecord {
  /** Host pid; 0: there is none yet. */
  readonly pid: number;
  /** In clock ticks since boot, as decimal text: tells it from a later process of the same pid. */
  readonly startTime: string;
}

/** What is kept of a container between two commands: state.json. `pid` and `startTime` are those of the init process. */
export interface ContainerRecord extends ProcessRecord {
  /** See `recordFormat`. */
  readonly formatVersion: typeof recordFormat;
  readonly id: string;
  readonly ociVersion: string;
  /** Whether create has finished. */
  readonly isCreated: boolean;
  readonly bundle: string;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The process that the container ends with, where there is one. */
  readonly parent?: ProcessRecord;
  /** Cgroup directories by controller ("" = unified). */
  readonly cgroupPaths: Readonly<Record<string, string>>;
  /** Cgroup directories that create made, parents first; delete removes only these (RT-060). */
  readonly madeCgroups: readonly string[];
  /** The unit that systemd has started for it. */
  readonly systemdUnit?: SystemdUnit;
  /** Device rules that systemd was told by `update`; absent: those of the configuration. */
  readonly updatedDevices?: readonly LinuxDeviceCgroup[];
  /** Its groups in the resctrl filesystem; `remove` holds only those that create made. */
  readonly resctrl?: ResctrlGroups;
  /** What lies over the rootfs in the runtime's own mount namespace. */
  readonly hostMount?: HostMount;
  /** Mounts of its own on volumes that share their mounts with the host. */
  readonly sharedMounts?: readonly HostMount[];
  /** How the process ended, when the command that waited for it kept the container. */
  readonly ending?: Ending;
  /** The hook that runs in the runtime's namespaces, for as long as a process of this pid and start time is there. */
  readonly hook?: ProcessRecord;
  /** CRIU, while it restores the container: the same. */
  readonly criu?: ProcessRecord | undefined;
  readonly hasProcess: boolean;
  /** Whether it has a seccomp filter, which may kill init as well. */
  readonly isFiltered?: true;
  /** Whether its system calls are recorded: its filter refuses each that nobody traces. */
  readonly isRecorded?: true;
  readonly hasOwnPidNamespace: boolean;
  /** Whether the container's root is not the root of its mount namespace (--no-pivot, no mount namespace). */
  readonly changedRoot: boolean;
  /** Whether a restore has put it into a time namespace of its own, beside what the configuration asks for. */
  readonly restoredClocks?: true;
  /** Whether its processes keep the session keyring of whoever starts them (--no-new-keyring). */
  readonly callersKeyring?: true;
  /** Steps that init runs after `start`, by their index in the plan: title, pointer and the names that their errors mention. */
  readonly startSteps: Readonly<Record<string, FailedStep>>;
  readonly poststart: readonly HookCommand[];
  readonly poststop: readonly HookCommand[];
}
