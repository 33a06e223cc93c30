import { appendFileSync } from 'node:fs';
import { test } from 'vitest';
import { type Deviation, type Expected, expectedFor, judge } from '../deviations/deviation.ts';
import { findDeviation } from '../expectations.ts';
import { Box } from './box.ts';
import { missing, type Need } from './needs.ts';
import { cgroupMode, findRuntime, runtimeVersion } from './suite.ts';

/**
 * One test of one clause. The title starts with the clause's id in docs/requirements.md. The body gets a box of its own, which is closed
 * afterwards; what the runtime left behind then fails the test.
 * A known deviation of the runtime under test (expectations.ts) must fail, in the words of its row: else the table is out of date.
 */
export function clause(title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void {
  const reason = missing(needs);
  if (reason !== undefined) {
    test.skip(`${title} [skipped: ${reason}]`);
    return;
  }
  const deviation = findDeviation(findRuntime().kind, runtimeVersion(), title, cgroupMode);
  const expected = deviation && expectedFor(deviation, title);
  if (deviation && expected !== undefined) {
    const marked = `${title} [expected difference: ${remark(deviation, expected)}]`;
    test(marked, ({ task }) => excused(deviation, expected, title, () => inBox(body, task)));
  } else test(title, ({ task }) => inBox(body, task));
}

declare module 'vitest' {
  interface TaskMeta {
    /** The runtime under test was asked for containers: the summary counts them (scripts/summary.ts). */
    container?: true;
  }
}

/** Of a row without words for this title it is counted apart, and why. */
function remark(deviation: Deviation, expected: Expected): string {
  const unproved = typeof expected === 'object' && 'unproved' in expected ? `; any failure will do: ${expected.unproved}` : '';
  return deviation.reason + unproved;
}

/** With SPEC_RECORD=FILE the messages are noted there, a line of JSON each, and nothing fails. */
async function excused(deviation: Deviation, expected: Expected, title: string, body: () => Promise<void>): Promise<void> {
  const failure = await body().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  const record = process.env['SPEC_RECORD'];
  if (record !== undefined) {
    const runtime = `${findRuntime().kind} ${runtimeVersion()}`;
    appendFileSync(record, `${JSON.stringify({ runtime, cgroups: cgroupMode, title, message: failure?.message })}\n`);
    return;
  }
  const wrong = judge(deviation, expected, failure?.message);
  if (wrong !== undefined) throw new Error(failure ? `${wrong}\n${failure.message}` : wrong, { cause: failure });
}

async function inBox(body: (box: Box) => Promise<void>, { meta }: { meta: { container?: true } }): Promise<void> {
  meta.container = true;
  const box = new Box();
  let left: string[] = [];
  try {
    await body(box);
  } finally {
    left = await box.close();
  }
  if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
}
