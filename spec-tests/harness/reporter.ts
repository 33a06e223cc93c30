import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { describe, summarize } from '../../scripts/summary.ts';
import { RunRecorder } from './run-recorder.ts';

/**
 * Ends the report with why tests were skipped, what is a known difference, and what needed a second try; `--outputFile.summary=` has it as
 * JSON, `--outputFile.record=` what a platform's record is made of.
 */
export default class SummaryReporter implements Reporter {
  private file: string | undefined;
  private recorder: RunRecorder | undefined;

  onInit(vitest: Vitest): void {
    const { outputFile } = vitest.config;
    const named = typeof outputFile === 'object' ? outputFile : {};
    this.file = named['summary'];
    this.recorder = named['record'] === undefined ? undefined : new RunRecorder(named['record']);
  }

  onTestModuleEnd(module: TestModule): void {
    this.recorder?.add(module);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const summary = summarize(modules.flatMap((module) => [...module.children.allTests()]));
    console.log(describe(summary).join('\n'));
    if (this.file !== undefined) writeFileSync(this.file, JSON.stringify(summary));
    this.recorder?.end();
  }
}
