/** Runs the unit tests in the executable's engine: `unit [RUNS OF A PROPERTY [SEED [PART OF A FILE'S NAME [NUMBER OF
 * A PART, FROM 0 ON, AND HOW MANY PARTS]]]]`. Each test is a line of JSON on stderr. */
import { addon } from '../../../src/native/addon.ts';
import { limitRuns } from './fast-check.ts';
import { runTests } from './vitest.ts';

const { engine } = globalThis as unknown as { readonly engine: { start?: () => Promise<void> } };

engine.start = async () => {
  const [runs = '20', seed = '20', wanted = '', part = '0', parts = '1'] = process.argv.slice(2);
  limitRuns(Number(runs), Number(seed));
  const results = await runTests(wanted, Number(part), Number(parts));
  for (const result of results) process.stderr.write(`${JSON.stringify(result)}\n`);
  addon.exit(results.some(({ failure }) => failure !== undefined) ? 1 : 0);
};
