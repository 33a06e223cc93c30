/**
 * runts as a library (docs/library.md). {@link Runtime} keeps nobody's event loop waiting. The functions are the operations below it, for
 * programs that have nothing else to do: they are synchronous. Both throw {@link RuntimeError} and print nothing.
 */

export type { CgroupStats } from './container/cgroups/stats.ts';
export type { Context } from './container/context.ts';
export { create } from './container/create.ts';
export { remove } from './container/delete.ts';
export { type ContainerEvent as StatsEvent, events, stats } from './container/events.ts';
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
export type { Attachment } from './library/attachment.ts';
export type { Abortable } from './library/calls.ts';
export type { CaptureOptions, Reason, Result } from './library/capture.ts';
export type { CheckpointOptions, RestoreOptions } from './library/checkpoint.ts';
export { Container } from './library/container.ts';
export type { CreateOptions, PlanOptions, RunOptions, ValidateOptions } from './library/create-options.ts';
export type { Ending, Usage } from './library/ending.ts';
export type { ContainerEvent } from './library/events.ts';
export type { ExecOptions } from './library/exec-options.ts';
export { hostPrograms } from './library/host-programs.ts';
export { ChildProcess } from './library/process.ts';
export { Runtime, type RuntimeOptions } from './library/runtime.ts';
export { type SandboxMount, type SandboxOptions, sandbox } from './library/sandbox.ts';
export type { StdioOption, StdioOptions } from './library/stdio.ts';
export type { Terminal, TerminalSize } from './library/terminal.ts';
export { plan } from './plan/build.ts';
export type { Features } from './plan/features.ts';
export type { Plan, Step, Warning } from './plan/plan.ts';
export type { ExplainedFinding } from './spec/explain.ts';
export type * from './spec/types.ts';
