// Tests that hide something: they wait for a fixed time, which is too short on one machine and proves nothing on another, or are skipped without a
// word. Prints findings, exits 1 when there are any.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownFiles } from './outside.ts';

/** What looks again and again until something is so; deadlines are theirs as well. */
const mayWait = ['spec-tests/harness/command.ts', 'spec-tests/engines/harness/shell.ts'];

const isTest = (path: string): boolean => (/^spec-tests\/.*\.(ts|py)$/.test(path) || /\.test\.ts$/.test(path)) && !mayWait.includes(path);

const rules: readonly (readonly [RegExp, string])[] = [
  [/\bsetTimeout\((resolve|done|\(\) => (resolve|done))\b/, 'waits for a fixed time; poll with until()'],
  // At the end of a loop it is the pause between two looks; a whole second or more is how long something goes on, not a wait.
  [/\b(?:sleep 0?\.\d+|usleep \d+)(?![\d.]|; done)/, 'waits for a fixed time; poll in a loop'],
  [/\btime\.sleep\(0?\.\d+\).*['"`]/, 'waits for a fixed time; poll in a loop'],
  [/\.runIf\(/, 'skips without a reason; use skipIf with "[skipped: …]" in the title'],
  [/\b(?:test|it|describe)\.(?:skip|todo)\((?!.*\[skipped: )/, 'skips without a reason; say "[skipped: …]" in the title'],
  [/\bskip\(\)/, 'skips without a reason'],
];

/** @returns `path:line: what is wrong` */
export function hiding(path: string, text: string): string[] {
  if (!isTest(path)) return [];
  return text.split('\n').flatMap((line, index) => {
    const wrong = rules.find(([pattern]) => pattern.test(line))?.[1];
    return wrong === undefined ? [] : [`${path}:${index + 1}: ${wrong}`];
  });
}

if (process.argv[1] === import.meta.filename) {
  const root = dirname(import.meta.dirname);
  const findings = ownFiles(root).flatMap((path) => (isTest(path) ? hiding(path, readFileSync(join(root, path), 'utf8')) : []));
  for (const finding of findings) console.error(finding);
  console.log(`${findings.length} findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
