// Files that a generator owns.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Brings a generated file up to date. With `--check` on the command line nothing is written, and a stale file makes the process fail.
 * @param path from the project's folder
 */
export function writeGenerated(path: string, content: string): void {
  const file = new URL(`../${path}`, import.meta.url);
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, content);
    return;
  }
  console.error(`${path} is stale: run npm run generate`);
  process.exitCode = 1;
}
