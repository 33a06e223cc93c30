import type { HostFacts } from '../../host/facts.ts';
import type { SeccompFilter } from '../../spec/seccomp/seccomp.ts';
import type { LinuxMemoryPolicy, LinuxPersonality, LinuxSeccomp, Process } from '../../spec/types.ts';
import type { DescriptorLimit } from '../descriptors.ts';
import type { Step } from '../plan.ts';
import type { Action } from '../wire/ops.ts';

/** What create and exec have in common about the process they start. */
export interface ProcessRequest {
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

/** Makes a step of the chapter; `at` is its place below the process object. */
export type MakeStep = (title: string, action: Action, at?: string) => Step;
