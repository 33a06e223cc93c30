import { each, type Report } from '../findings.ts';

/** Entries of an environment (ENG-014). */
export function checkEnvironment(env: readonly string[] | undefined, at: string, report: Report): void {
  for (const [entry, place] of each(env, at)) {
    const equals = entry.indexOf('=');
    const shown = JSON.stringify(entry.slice(0, 40));
    if (equals < 0) report.error(place, 'BAD_FORMAT', `invalid environment variable ${shown}: missing '='`, 'write it as NAME=value');
    else if (equals === 0) report.error(place, 'BAD_FORMAT', `invalid environment variable ${shown}: name cannot be empty`);
  }
}
