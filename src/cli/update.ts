import { readGivenFile } from '../container/bundle/json-file.ts';
import { parseResources } from '../spec/validate.ts';
import type { Invocation } from './invocation.ts';
import { absolute } from './paths.ts';
import { resourcesText, schemataOf } from './update-resources.ts';

const readResources = (file: string): string =>
  readGivenFile(file === '-' ? file : (absolute(file) ?? file), 'resources', 'RESOURCES_UNREADABLE');

export async function run(invocation: Invocation<'update'>): Promise<number> {
  const { flags, args } = invocation;
  const text = flags.resources === undefined ? resourcesText(flags) : readResources(flags.resources);
  const { update } = await import('../container/update.ts');
  const context = invocation.context();
  update(context, args[0] ?? '', parseResources(text, context.warn), schemataOf(flags));
  return 0;
}
