import type { ContainerStatus } from '../../spec/types.ts';

/** What is known of a container when its status is asked for. */
export interface Observation {
  /** Whether create has finished; before that the status is `creating` (RT-006). */
  readonly created: boolean;
  /** The init process as the kernel shows it, null when there is none; `startTime` in clock ticks since boot. */
  readonly process: { readonly startTime: bigint; readonly state: string } | null;
  /** Start time noted at create: another one means the pid was used again. */
  readonly startTime: bigint;
  /** Whether `start` still has to read the exec fifo. */
  readonly waitsForStart: boolean;
  readonly frozen: boolean;
}

/** The status of a container (RT-005 to RT-010). Zombies and dead processes count as exited (RT-009). */
export function statusOf({ created, process, startTime, waitsForStart, frozen }: Observation): ContainerStatus {
  if (!created) return 'creating';
  if (!process || process.startTime !== startTime || process.state === 'Z' || process.state === 'X') return 'stopped';
  if (frozen) return 'paused';
  return waitsForStart ? 'created' : 'running';
}
