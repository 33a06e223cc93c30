import type { Reporter, TestModule } from 'vitest/node';

/** Ends the report with what was skipped and what is a known difference, counted by reason. */
export default class ReasonReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const reason = /\[((?:skipped|expected difference): .*)\]$/.exec(test.name)?.[1];
        if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of [...reasons].sort()) console.log(`${String(count).padStart(6)} ${reason}`);
  }
}
