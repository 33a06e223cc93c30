import type { HostFacts } from '../../host/facts.ts';
import type { Spec } from '../../spec/types.ts';
import type { PlanOptions } from '../context.ts';

export interface CgroupRequest {
  readonly spec: Spec;
  readonly facts: HostFacts;
  /** The container's id, its cgroup's name when the configuration gives none. */
  readonly id: string;
  readonly systemd: boolean;
  /** Whether the caller wants no cgroup for the container. */
  readonly disabled?: boolean;
  /** With it: as of the options. */
  readonly managerCgroup?: string;
  readonly allowedAnnotations?: readonly string[];
}

/** The cgroups of a container as the caller's options have them. */
export const cgroupRequest = (spec: Spec, options: PlanOptions, facts: HostFacts): CgroupRequest => ({
  spec,
  facts,
  id: options.id,
  systemd: options.systemdCgroup,
  ...(options.managerCgroup === undefined ? {} : { managerCgroup: options.managerCgroup }),
  disabled: options.noCgroup === true,
  ...(options.allowedAnnotations === undefined ? {} : { allowedAnnotations: options.allowedAnnotations }),
});
