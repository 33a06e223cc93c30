/** Number of file descriptor slots init keeps. */
export const SLOT_COUNT = 2048;

/** Slots with a fixed meaning; the planner hands out the numbers from `firstFree` on. */
export const slots = {
  none: 0,
  rootfs: 1,
  procfs: 2,
  sysctlProcfs: 3,
  execFifo: 4,
  nullDevice: 5,
  maskedDirectory: 6,
  target: 7,
  targetRoot: 8,
  criuSocket: 9,
  firstCgroup: 16,
  firstFree: 64,
} as const;

/** Where a record is run: by the process that makes the namespaces, or by pid 1 of the container. */
export const stages = { intermediate: 1, init: 2 } as const;
export type InitStage = keyof typeof stages;

/** Points at which init stops and waits for the runtime's answer. */
export const syncPoints = { idMappings: 1, cgroup: 2, runtimeHooks: 3, mountMappings: 4, staged: 5 } as const;
export type SyncPoint = keyof typeof syncPoints;
