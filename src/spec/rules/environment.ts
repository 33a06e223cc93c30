import { each, type Report } from '../findings.ts';

/**
 * Entries of an environment (ENG-014). None is shown: any may be a secret, also one whose name was lost.
 * @param refuse what becomes of one that is malformed: those of hooks are passed on
 */
export function checkEnvironment(
  env: readonly string[] | undefined,
  at: string,
  report: Report,
  refuse: 'error' | 'tolerate' = 'error',
): void {
  for (const [entry, place] of each(env, at)) {
    const equals = entry.indexOf('=');
    if (equals < 0) report[refuse](place, 'BAD_FORMAT', "invalid environment variable: missing '='", 'write it as NAME=value');
    else if (equals === 0) report[refuse](place, 'BAD_FORMAT', 'invalid environment variable: name cannot be empty');
  }
}
