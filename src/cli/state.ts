import type { ContainerReport } from '../container/state.ts';
import type { Invocation } from './invocation.ts';

/** A report with its members in runc's order; how a stopped container ended comes after them. */
export function ordered(report: ContainerReport): ContainerReport {
  const { ociVersion, id, pid, status, bundle, rootfs, created, annotations, owner, ...ending } = report;
  return { ociVersion, id, pid, status, bundle, rootfs, created, ...(annotations && { annotations }), owner, ...ending };
}

/** The state as runc prints it: two spaces of indent, no newline at the end. */
export function renderState(report: ContainerReport): string {
  return JSON.stringify(ordered(report), null, 2);
}

export async function run(invocation: Invocation<'state'>): Promise<number> {
  const { state } = await import('../container/state.ts');
  invocation.print(renderState(state(invocation.context(), invocation.args[0] ?? '')));
  return 0;
}
