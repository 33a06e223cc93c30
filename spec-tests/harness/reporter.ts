import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { describe, summarize } from '../../scripts/summary.ts';

/** Ends the report with why tests were skipped, what is a known difference, and what needed a second try; `--outputFile.summary=` has it as JSON. */
export default class SummaryReporter implements Reporter {
  private file: string | undefined;

  onInit(vitest: Vitest): void {
    const { outputFile } = vitest.config;
    this.file = typeof outputFile === 'object' ? outputFile['summary'] : undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const summary = summarize(modules.flatMap((module) => [...module.children.allTests()]));
    console.log(describe(summary).join('\n'));
    if (this.file !== undefined) writeFileSync(this.file, JSON.stringify(summary));
  }
}
