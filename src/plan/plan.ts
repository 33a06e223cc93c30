import type { ErrorCode, WarningCode } from '../error-codes.ts';
import type { FindingCode } from '../spec/findings.ts';
import type { HookKind } from '../spec/hook-kinds.ts';
import type { UnitProperty } from '../spec/unit-properties.ts';
import type { ScopePlace, SystemdUnit } from './cgroups/systemd/unit.ts';
import type { Action } from './wire/ops.ts';
import type { InitStage, SyncPoint } from './wire/places.ts';

/** What the runtime process itself does; these steps never travel to init. */
export type RuntimeAction =
  /** mkdir -p of a cgroup directory; directories made here are removed again on failure and by delete. */
  | { readonly op: 'cgroup.create'; readonly controller: string; readonly path: string }
  /**
   * Writes a cgroup control file. `optional` swallows ENOENT (a file this kernel lacks and the value does not need); `fallback` is
   * written instead when `path` does not exist; `mayBeForbidden` swallows EPERM (what the parent forbids and nobody asked for).
   */
  | {
      readonly op: 'cgroup.write';
      readonly path: string;
      readonly value: string;
      readonly optional?: boolean;
      readonly mayBeForbidden?: boolean;
      readonly fallback?: { readonly path: string; readonly value: string };
    }
  /** Copies cpuset.cpus/cpuset.mems from the parent into empty children from the hierarchy's root down to `path` (cgroup v1). */
  | { readonly op: 'cgroup.inheritCpuset'; readonly root: string; readonly path: string }
  /** Enables controllers in cgroup.subtree_control of every directory from `root` (inclusive) down to the parent of `path` (cgroup v2). */
  | {
      readonly op: 'cgroup.enable';
      readonly root: string;
      readonly path: string;
      readonly controllers: readonly string[];
      /** Those of them that a limit needs: no others are enabled where there are processes. */
      readonly needed: readonly string[];
    }
  /** Has the intermediate start in this cgroup v2 directory (CLONE_INTO_CGROUP), so that nobody has to be moved. */
  | { readonly op: 'cgroup.spawnInto'; readonly path: string }
  /** Attaches a device filter (eBPF) to a cgroup v2 directory. */
  | { readonly op: 'cgroup.deviceFilter'; readonly path: string; readonly program: Uint8Array }
  /** Has systemd start the container's scope with the process in it, before anything else is done in its `directories`. */
  | {
      readonly op: 'cgroup.scope';
      readonly place: ScopePlace;
      readonly properties: readonly UnitProperty[];
      readonly directories: readonly string[];
    }
  /** Gives the delegatable files of a cgroup v2 directory to a user. */
  | { readonly op: 'cgroup.delegate'; readonly path: string; readonly uid: number }
  /** Opens the files through which init will enter its cgroups; the answer to the sync point `cgroup` carries them. */
  | { readonly op: 'cgroup.open'; readonly files: readonly { readonly path: string; readonly slot: number }[] }
  /** Writes uid_map, setgroups and gid_map of the intermediate; the answer to the sync point `idMappings`. */
  | {
      readonly op: 'idMappings.write';
      readonly uidMap: string;
      readonly gidMap: string;
      readonly setgroups: 'deny' | 'keep';
      /** The programs that write what the runtime itself may not (newuidmap(1), newgidmap(1)). */
      readonly uidBy: 'runtime' | 'newuidmap';
      readonly gidBy: 'runtime' | 'newgidmap';
    }
  /** Makes a user namespace with these mappings that nobody lives in; the answer to the sync point `mountMappings` carries it. */
  | { readonly op: 'userNamespace.make'; readonly uidMap: string; readonly gidMap: string; readonly slot: number }
  /** Makes a directory of the resctrl filesystem unless it is there. */
  | { readonly op: 'resctrl.create'; readonly path: string }
  /** Fails unless the directory is there. */
  | { readonly op: 'resctrl.require'; readonly path: string }
  /** Writes lines to `schemata`; when the group was there before, the `expected` ones of them are compared instead. */
  | { readonly op: 'resctrl.schemata'; readonly path: string; readonly lines: readonly string[]; readonly expected: readonly string[] }
  /** Writes the pid of the container's first process to `tasks`. */
  | { readonly op: 'resctrl.join'; readonly path: string }
  | { readonly op: 'oomScoreAdj.write'; readonly value: number }
  /** prestart and createRuntime hooks, run while init waits at the sync point `runtimeHooks`. */
  | { readonly op: 'hook.run'; readonly kind: HookKind; readonly index: number; readonly hook: HookCommand }
  /** Fails unless the runtime's network namespace has this network device: nothing is moved when one of several is missing. */
  | { readonly op: 'netDevice.find'; readonly name: string }
  /** Moves a network device of the runtime's network namespace to the container's. */
  | { readonly op: 'netDevice.move'; readonly name: string; readonly newName: string };

export interface HookCommand {
  readonly path: string;
  readonly args: readonly string[];
  /** Absent: the runtime's own environment (ENG-015). */
  readonly env?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
}

/** One line of the plan. */
export type Step = {
  /** The chapter of the table of contents this step is printed under, e.g. "Namespaces". */
  readonly chapter: string;
  /** JSON pointer into config.json of the property that asks for this step; absent for what every container gets. */
  readonly pointer?: string;
  /** What the step does, in words: "mount tmpfs on /dev". Infinitive; also the subject of its error ("cannot mount …"). */
  readonly title: string;
} & (
  | {
      readonly stage: 'runtime';
      readonly action: RuntimeAction /** Runs when init stops here; absent: before init is spawned. */;
      readonly at?: SyncPoint;
    }
  | { readonly stage: InitStage; readonly action: Action }
);

/** A problem worth telling but not an error (RT-035). */
export interface Warning {
  /** Also that of a failure that is told beside another, or its errno. */
  readonly code: WarningCode | FindingCode | ErrorCode | `E${string}`;
  readonly message: string;
  readonly pointer?: string;
  readonly hint?: string;
}

/** What the container has in the resctrl filesystem, kept in the state for exec and delete. */
export interface ResctrlGroups {
  /** Group directories whose `tasks` every process of the container goes into, in this order. */
  readonly join: readonly string[];
  /** Directories that delete removes when create made them, parents first (LNX-138 to LNX-140). */
  readonly remove: readonly string[];
}

/** Everything that will be done to make one container (or to start one more process in it). */
export interface Plan {
  readonly steps: readonly Step[];
  readonly warnings: readonly Warning[];
  /** Cgroup directories of the container by controller ("" = unified); kept in the state for kill, ps, exec and delete. */
  readonly cgroupPaths: Readonly<Record<string, string>>;
  /** Whether init mounts the rootfs over itself in the runtime's own mount namespace, for `delete` to detach. */
  readonly mountsOnHost?: true;
  /** Paths of the host at which mounts of the container appear as well, for `delete` to detach. */
  readonly sharedMounts?: readonly string[];
  /** The unit that holds the container, with the systemd driver. */
  readonly systemdUnit?: SystemdUnit;
  /** Groups of the resctrl filesystem; kept in the state for exec and delete. */
  readonly resctrl?: ResctrlGroups;
}
