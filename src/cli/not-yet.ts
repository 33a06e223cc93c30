import { RuntimeError } from '../errors.ts';
import type { CommandName } from './commands.ts';
import type { Invocation } from './invocation.ts';

/** Commands that are known but not built yet. */
export function run({ command }: Pick<Invocation<CommandName>, 'command'>): number {
  throw new RuntimeError('NOT_IMPLEMENTED', `${command}: not yet supported`);
}
