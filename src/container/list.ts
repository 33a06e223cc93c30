import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import type { Context } from './context.ts';
import { type ContainerReport, report } from './state.ts';
import { ids, load } from './store.ts';

/** Every container of the state root, by id; directories that hold no container are passed over. */
export function list(context: Context): ContainerReport[] {
  const reports: ContainerReport[] = [];
  for (const id of ids(context)) {
    try {
      reports.push({ ...report(context, load(context, id)), owner: ownerOf(`${context.root}/${id}`) });
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      context.debug(`passing over ${id}: ${error.message}`);
    }
  }
  return reports;
}

/** Name of a file's owner, "#uid" when /etc/passwd does not know it. */
function ownerOf(path: string): string {
  const uid = String(addon.stat(path, false)?.uid ?? 0);
  const entries = addon.readFile('/etc/passwd').split('\n');
  return entries.find((entry) => entry.split(':')[2] === uid)?.split(':')[0] ?? `#${uid}`;
}
