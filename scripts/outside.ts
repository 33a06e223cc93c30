// A clone is enough: nothing in it refers to what lies beside it. Prints findings, exits 1 when there are any.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder that some machines have beside the checkout; put together, as this file is looked at too. */
const beside = new RegExp(`(?:\\.\\./|\\bwork/)${'shared'}\\b`);

/** What is made, or is not ours. */
const passedBy = new Set(['.git', 'build', 'dist', 'lib', 'node_modules']);

/** @returns `path:line` of every reference to the folder beside the checkout */
export function references(path: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (beside.test(line) ? [`${path}:${index + 1} refers to a folder beside the checkout`] : []));
}

/** Paths below a folder, of files that are ours. */
export function ownFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return passedBy.has(entry.name) ? [] : ownFiles(root, path);
    return entry.isFile() ? [path] : [];
  });
}

if (process.argv[1] === import.meta.filename) {
  const root = dirname(import.meta.dirname);
  const files = ownFiles(root);
  const findings = files.flatMap((path) => references(path, readFileSync(join(root, path), 'utf8')));
  for (const finding of findings) console.error(finding);
  console.log(`${files.length} files, ${findings.length} findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
