// What workers do for the library: the operations of src/container, which wait for the kernel, each with the descriptors that its caller keeps.

import { readConfig } from '../container/bundle/bundle.ts';
import { isFrozen } from '../container/cgroups/freezer.ts';
import { openSigns, type Signs, stallsOf } from '../container/cgroups/signs.ts';
import type { CgroupStats } from '../container/cgroups/stats.ts';
import { type CheckpointRequest, checkpoint } from '../container/checkpoint.ts';
import type { Context } from '../container/context.ts';
import { createContainer } from '../container/create.ts';
import { parentPath } from '../container/criu/parent-path.ts';
import { remove } from '../container/delete.ts';
import { stats } from '../container/events.ts';
import { type StartedProcess, startProcess } from '../container/exec.ts';
import { type Guard, isOrphaned, startGuard } from '../container/guard.ts';
import type { CreatedContainer, CreateRequest, Stdio } from '../container/init/created.ts';
import { kill } from '../container/kill.ts';
import { list } from '../container/list.ts';
import { pause } from '../container/pause.ts';
import { type PlanRequest, planBundle } from '../container/plan.ts';
import type { ExecRequest } from '../container/process/exec-process.ts';
import { openStreams } from '../container/process/kept-streams.ts';
import type { OpenProcess } from '../container/process/kill-process.ts';
import { processes } from '../container/ps.ts';
import { type RestoreRequest, restoreProcess } from '../container/restore.ts';
import { resume } from '../container/resume.ts';
import { start } from '../container/start.ts';
import { Hold } from '../container/state/hold.ts';
import { openInit } from '../container/state/lifecycle.ts';
import { containerDirectory, ids, load } from '../container/state/store.ts';
import { state } from '../container/state.ts';
import { update } from '../container/update.ts';
import { type ContainerUsage, metLimits, usageOf } from '../container/usage.ts';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { type Features, features } from '../plan/features.ts';
import type { Plan } from '../plan/plan.ts';
import { type ExplainedFinding, explain } from '../spec/explain.ts';
import { parseResources } from '../spec/validate.ts';

/** A container of this name, and no later one. */
export interface Target {
  readonly id: string;
  /** Descriptor of its directory; it stays the caller's. */
  readonly directory: number;
}

/** @throws RuntimeError CONTAINER_UNKNOWN when another one, or none, bears the name by now */
function require(context: Context, { id, directory }: Target): void {
  if (!addon.leadsTo(containerDirectory(context, id), directory)) {
    throw new RuntimeError('CONTAINER_UNKNOWN', `container does not exist: ${id}`);
  }
}

/** A container whose process was made here: its parent, and so who reaps it, is this process. */
export interface Created extends OpenProcess {
  /** Master of its terminal; -1: none. */
  readonly console: number;
  /** Its standard streams, where they are kept; else -1. */
  readonly streams: Stdio;
  readonly cgroupPaths: Readonly<Record<string, string>>;
}

type Limits = ReturnType<typeof metLimits>;

/** What events tell the changes of. */
export interface Circumstances extends Limits {
  readonly isPaused: boolean;
  /** Microseconds. */
  readonly stalls: ReturnType<typeof stallsOf>;
}

/** A process in a container, whose parent is this one. */
export interface Executed extends StartedProcess {
  /** What the container had met before. */
  readonly before: Limits;
}

/** A container that is looked up by its id. */
export interface Found {
  readonly directory: number;
  /** 0 when it has ended. */
  readonly pid: number;
  /** -1 when it has ended. */
  readonly pidfd: number;
  readonly cgroupPaths: Readonly<Record<string, string>>;
}

function find(context: Context, id: string): Found {
  const hold = Hold.take(context, id);
  try {
    const record = load(context, id);
    const pidfd = openInit(record) ?? -1;
    return { directory: hold.identity(), pid: pidfd < 0 ? 0 : record.pid, pidfd, cgroupPaths: record.cgroupPaths };
  } finally {
    hold.close();
  }
}

/** Removes what a process left that has ended without a word. @returns the ids */
function sweep(context: Context): string[] {
  const orphaned = ids({ ...context, rootIsDefault: true }).filter((id) => {
    try {
      return isOrphaned(load(context, id));
    } catch {
      // Of a container that is being made or removed, or whose state is damaged, nobody knows whose it is.
      return false;
    }
  });
  for (const id of orphaned) remove(context, id, { force: true });
  return orphaned;
}

function made({ record, pidfd, console, hold, streams = [-1, -1, -1] }: CreatedContainer): Created {
  hold.close();
  return { pid: record.pid, pidfd, console, streams, cgroupPaths: record.cgroupPaths };
}

const table = {
  guard: (context: Context, _request: object): Guard => startGuard(context),
  sweep: (context: Context, _request: object): string[] => sweep(context),
  create: (context: Context, request: CreateRequest): Created => made(createContainer(context, request, false)),
  checkpoint(
    context: Context,
    { target, request, isGivenUp }: { readonly target: Target; readonly request: CheckpointRequest; readonly isGivenUp: Int32Array },
  ): void {
    require(context, target);
    parentPath(request.parentPath, request.imagePath);
    checkpoint({ ...context, isGivenUp: () => Atomics.load(isGivenUp, 0) !== 0 }, request);
  },
  restore: (context: Context, request: RestoreRequest): Created => made(restoreProcess(context, request)),
  attach(context: Context, target: Target): Stdio {
    require(context, target);
    return openStreams(context, target.id);
  },
  close: (_context: Context, { fd }: { readonly fd: number }): void => addon.close(fd),
  find: (context: Context, { id }: { readonly id: string }): Found => find(context, id),
  start(context: Context, target: Target): void {
    require(context, target);
    start(context, target.id);
  },
  exec(context: Context, { target, request }: { readonly target: Target; readonly request: ExecRequest }): Executed {
    require(context, target);
    const before = metLimits(load(context, target.id).cgroupPaths);
    return { ...startProcess(context, request), before };
  },
  stats(context: Context, target: Target): CgroupStats {
    require(context, target);
    return stats(context, target.id).data as CgroupStats;
  },
  signs(context: Context, target: Target): Signs {
    require(context, target);
    return openSigns(load(context, target.id).cgroupPaths);
  },
  limits(context: Context, target: Target): Limits {
    require(context, target);
    return metLimits(load(context, target.id).cgroupPaths);
  },
  circumstances(context: Context, target: Target): Circumstances {
    require(context, target);
    const { cgroupPaths } = load(context, target.id);
    return { ...metLimits(cgroupPaths), isPaused: isFrozen(cgroupPaths), stalls: stallsOf(cgroupPaths) };
  },
  usage(context: Context, target: Target): ContainerUsage {
    require(context, target);
    return usageOf(load(context, target.id).cgroupPaths);
  },
  kill(context: Context, { target, signal, all }: { readonly target: Target; readonly signal: number; readonly all: boolean }): void {
    require(context, target);
    kill(context, target.id, signal, all);
  },
  remove(context: Context, { id, directory, force }: Target & { readonly force: boolean }): void {
    remove(context, id, { force, only: directory });
  },
  pause(context: Context, target: Target): void {
    require(context, target);
    pause(context, target.id);
  },
  resume(context: Context, target: Target): void {
    require(context, target);
    resume(context, target.id);
  },
  update(context: Context, { target, resources }: { readonly target: Target; readonly resources: string }): void {
    require(context, target);
    update(context, target.id, parseResources(resources, context.warn));
  },
  stateOf: (context: Context, { id }: { readonly id: string }) => state(context, id),
  state(context: Context, target: Target) {
    require(context, target);
    return state(context, target.id);
  },
  processes(context: Context, target: Target) {
    require(context, target);
    return processes(context, target.id);
  },
  features: (_context: Context, _request: object): Features => features(),
  plan: (context: Context, request: PlanRequest): Plan => planBundle(context, request),
  validate: (_context: Context, request: { readonly text: string } | { readonly path: string }): readonly ExplainedFinding[] =>
    explain('text' in request ? request.text : readConfig(request.path)),
  list: (context: Context, _request: object) => list({ ...context, rootIsDefault: true }),
} as const;

export type OperationName = keyof typeof table;
export type Request<N extends OperationName> = Parameters<(typeof table)[N]>[1];
export type Result<N extends OperationName> = ReturnType<(typeof table)[N]>;

/** Carries out one operation. @throws RuntimeError; SystemError */
export function perform<N extends OperationName>(name: N, context: Context, request: Request<N>): Result<N> {
  const operation = table[name] as (context: Context, request: Request<N>) => Result<N>;
  return operation(context, request);
}
