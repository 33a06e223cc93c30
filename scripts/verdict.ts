// What a run of `npm test` has proved, and whether that is enough to be green.
import type { Summary } from './summary.ts';

export interface Result {
  readonly task: { readonly group: string; readonly title: string };
  readonly outcome: Summary & { readonly note?: string };
}

/** The reason that most of a task's tests were skipped for. */
function mainReason({ note, passed, reasons = {} }: Result['outcome']): string {
  const [most] = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  return note ?? most?.[0] ?? (passed > 0 ? `none of ${passed} tests asked for a container` : 'nothing ran');
}

const ranContainers = ({ outcome }: Result): boolean => (outcome.containers ?? 0) > 0;

/** Titles of the tasks that ran nothing, or none of what they are for, each with the reason. */
function unproved(results: readonly Result[]): string[] {
  return results
    .filter(
      (result) => (result.task.group === 'spec' ? !ranContainers(result) : result.outcome.passed === 0) && result.outcome.failed === 0,
    )
    .map(({ task, outcome }) => `${task.title} (${mainReason(outcome)})`);
}

/**
 * @param root whether root ran it, who has no reason to do without containers
 * @returns the words that belong to the last line, with the counts; and whether the run is green
 */
export function verdict(results: readonly Result[], root: boolean): { readonly words: string; readonly green: boolean } {
  const spec = results.filter(({ task }) => task.group === 'spec');
  const hollow = root && spec.length > 0 && !spec.some(ranContainers);
  const missed = unproved(results);
  const words = [hollow ? 'not green, as no container test ran' : '', missed.length > 0 ? `not proved: ${missed.join(', ')}` : ''];
  return { words: words.filter(Boolean).join('; '), green: !hollow && results.every(({ outcome }) => outcome.failed === 0) };
}
