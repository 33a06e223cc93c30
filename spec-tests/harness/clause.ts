import { test } from 'vitest';
import { findDeviation } from '../expectations.ts';
import { Box } from './box.ts';
import { missing, type Need } from './needs.ts';
import { cgroupMode, findRuntime, runtimeVersion } from './suite.ts';

/**
 * One test of one clause. The title starts with the clause's id in docs/requirements.md. The body gets a box of its own, which is closed
 * afterwards; what the runtime left behind then fails the test.
 * A known deviation of the runtime under test (expectations.ts) must fail: when it passes, the table is out of date.
 */
export function clause(title: string, body: (box: Box) => Promise<void>, ...needs: Need[]): void {
  const reason = missing(needs);
  if (reason !== undefined) {
    test.skip(`${title} [skipped: ${reason}]`);
    return;
  }
  const deviation = findDeviation(findRuntime().kind, runtimeVersion(), title, cgroupMode);
  if (deviation?.unstable) test.skip(`${title} [expected difference: ${deviation.reason}]`);
  else if (deviation) test.fails(`${title} [expected difference: ${deviation.reason}]`, ({ task }) => inBox(body, task));
  else test(title, ({ task }) => inBox(body, task));
}

declare module 'vitest' {
  interface TaskMeta {
    /** The runtime under test was asked for containers: the summary counts them (scripts/summary.ts). */
    container?: true;
  }
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
