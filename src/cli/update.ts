import { RuntimeError } from '../errors.ts';
import { addon, type SystemError } from '../native/addon.ts';
import { parseResources } from '../spec/validate.ts';
import type { Invocation } from './invocation.ts';
import { absolute } from './paths.ts';
import { resourcesText, schemataOf } from './update-resources.ts';

/** Largest resources file that is read, in bytes. */
const RESOURCES_LIMIT = 1024 * 1024;

function readResources(file: string): string {
  if (file === '-') return addon.readFd(0, RESOURCES_LIMIT);
  try {
    return addon.readFile(absolute(file) ?? file);
  } catch (error) {
    const { message, code } = error as SystemError;
    throw new RuntimeError('RESOURCES_UNREADABLE', `unable to read resources: ${message}`, { errno: code, cause: error });
  }
}

export async function run(invocation: Invocation<'update'>): Promise<number> {
  const { flags, args } = invocation;
  const text = flags.resources === undefined ? resourcesText(flags) : readResources(flags.resources);
  const { update } = await import('../container/update.ts');
  const context = invocation.context();
  update(context, args[0] ?? '', parseResources(text, context.warn), schemataOf(flags));
  return 0;
}
