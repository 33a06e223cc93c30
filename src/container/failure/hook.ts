import type { ErrorDetails } from '../../errors.ts';
import { RuntimeError } from '../../errors.ts';
import { hookTitle } from '../../plan/hooks.ts';
import type { HookKind } from '../../spec/hook-kinds.ts';

/** Which hook of config.json it is. */
export interface HookPlace {
  readonly kind: HookKind;
  readonly index: number;
}

/** Characters of a hook's output that an error has, from its end: there the reason stands. */
const MOST_QUOTED = 1000;

function quoted(output: string): string {
  const text = output.trim();
  if (text === '') return '';
  return `, output: ${text.length > MOST_QUOTED ? `… ${text.slice(-MOST_QUOTED)}` : text}`;
}

/**
 * The failure of a hook, in runc's words and then ours.
 * @param how it ended, as Go has it: "exit status 3"
 */
export function hookFailure(
  { kind, index }: HookPlace,
  path: string,
  how: string,
  output: string,
  details: Omit<ErrorDetails, 'pointer' | 'step'> = {},
): RuntimeError {
  return new RuntimeError('HOOK_FAILED', `error running ${kind} hook #${index}: ${how} (${path})${quoted(output)}`, {
    ...details,
    pointer: `/hooks/${kind}/${index}`,
    step: hookTitle(kind, path),
  });
}

/** The words of runc for a hook that was killed because its time was up. @param timeout seconds */
export const pastTimeout = (timeout: number): string => `hook ran past specified timeout of ${timeout.toFixed(1)}s`;
