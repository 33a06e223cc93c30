/**
 * runts as a library: the operations of the command line, typed. Every function is synchronous, throws {@link RuntimeError}
 * and prints nothing. Embedders usually run as root; see the README.
 */

export type { Context } from './container/context.ts';
export { create } from './container/create.ts';
export { remove } from './container/delete.ts';
export { type ContainerEvent, events, stats } from './container/events.ts';
export { type ExecRequest, exec } from './container/exec.ts';
export type { CreateRequest } from './container/init/created.ts';
export { kill } from './container/kill.ts';
export { list } from './container/list.ts';
export { pause } from './container/pause.ts';
export { type PlanRequest, planBundle } from './container/plan.ts';
export { processes } from './container/ps.ts';
export { resume } from './container/resume.ts';
export { type RunRequest, run } from './container/run.ts';
export { start } from './container/start.ts';
export { type ContainerReport, state } from './container/state.ts';
export { update } from './container/update.ts';
export type { ErrorCode, WarningCode } from './error-codes.ts';
export { type ErrorDetails, type Problem, RuntimeError } from './errors.ts';
export { plan } from './plan/build.ts';
export type { Plan, Step, Warning } from './plan/plan.ts';
export type * from './spec/types.ts';
