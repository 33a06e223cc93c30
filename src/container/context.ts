import type { HostFacts } from '../host/facts.ts';
import type { PlanOptions } from '../plan/context.ts';
import type { Plan, Warning } from '../plan/plan.ts';
import type { Spec } from '../spec/types.ts';
import type { Warn } from '../spec/validate.ts';
import type { Trace } from './trace.ts';

/** What was read and planned before: of containers that differ by their id alone a process does so once. */
export interface KnownPlans {
  /** As parseSpec. Of an equal text it is the same object. */
  readonly parse: (text: string, warn: Warn) => Spec;
  /** @param compile makes the plan with these options, which have another id than the container where the plan is for more than one */
  readonly plan: (spec: Spec, options: PlanOptions, facts: HostFacts, compile: (options: PlanOptions) => Plan) => Plan;
}

/** What every operation is given: where containers are kept, and whom to tell. No operation keeps anything else between calls. */
export interface Context {
  /** State root: absolute path of the directory that holds one directory per container. */
  readonly root: string;
  /** Whether `root` is the default; then its absence just means that there are no containers. */
  readonly rootIsDefault: boolean;
  /**
   * Directory of compiled seccomp filters; absent: none are kept. Not in `root`, where engines want to find nothing but containers.
   */
  readonly filterCache?: string;
  readonly cgroupDriver: 'cgroupfs' | 'systemd' | 'disabled';
  /** Names of annotations that may have systemd do what can reach beyond the container; absent: none may. */
  readonly allowedAnnotations?: readonly string[];
  /** Whether a state that was written outlives a power cut, the old or the new: where `root` does, at the price of waiting for the disk. */
  readonly durable?: boolean;
  /** Where the time goes, when somebody wants to know (--trace). */
  readonly trace?: Trace;
  /** Told of the directory of a container as soon as its id is this command's, which tells it from any other of that name. */
  readonly claimed?: (directory: number) => void;
  /** Whether others of this process wait for the first processes of its containers, and reap them. */
  readonly keepsChildren?: boolean;
  /** A process in whose pid namespace the containers' own are made, so that they end with it; `namespace` is a descriptor of that. */
  readonly guard?: { readonly pid: number; readonly namespace: number };
  /** Whether who has asked for a checkpoint does not want it any more; then CRIU takes back what it has done. */
  readonly isGivenUp?: () => boolean;
  /** Absent: each container is planned anew. */
  readonly plans?: KnownPlans;
  /** Told of what is odd but no error. */
  readonly warn: (warning: Warning) => void;
  /** Told of what is done, where somebody wants to know. */
  readonly debug: (message: string) => void;
}
