import type { ContainerReport } from '../container/state.ts';
import type { Invocation } from './invocation.ts';
import { ordered } from './state.ts';
import { renderTable } from './table.ts';

/** The table of runc list. */
export function renderList(reports: readonly ContainerReport[]): string {
  const rows = reports.map(({ id, pid, status, bundle, created, owner }) => [id, String(pid), status, bundle, created, owner]);
  return renderTable([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...rows]);
}

export async function run(invocation: Invocation<'list'>): Promise<number> {
  const { format, quiet } = invocation.flags;
  const { list, listIds } = await import('../container/list.ts');
  const context = invocation.context();
  if (quiet) {
    invocation.print(
      listIds(context)
        .map((id) => `${id}\n`)
        .join(''),
    );
    return 0;
  }
  const reports = list(context);
  // An empty list is null, as Go programs write a nil slice.
  if (format === 'json') invocation.print(`${JSON.stringify(reports.length === 0 ? null : reports.map(ordered))}\n`);
  else invocation.print(renderList(reports));
  return 0;
}
