// How long the files are that people write.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Lines. What is longer has two subjects, and each of them wants a name of its own. */
const LIMIT = 300;

/** Where people write code; a file without an ending is a script. */
export const folders: readonly string[] = ['bench', 'bin', 'native', 'scripts', 'spec-tests', 'src'];
const written = /\.(c|cc|h|js|mjs|py|sh|S|ts)$|(^|\/)[^./]+$/;
/** Of a generator, or as somebody else wrote it. */
const others = /\.gen\.|(^|\/)(fixtures|recordings|__pycache__)\//;

/**
 * Files below `root` that are longer than a file may be.
 * @returns a line for each: "src/a.ts has 301 lines, 300 are the most"
 */
export function longFiles(root: string): string[] {
  const files = folders.flatMap((folder) => filesBelow(root, folder)).filter((path) => written.test(path) && !others.test(path));
  return files.sort().flatMap((path) => {
    const lines = readFileSync(join(root, path), 'utf8').split('\n').length - 1;
    return lines > LIMIT ? [`${path} has ${lines} lines, ${LIMIT} are the most`] : [];
  });
}

/** Paths from `root` of every file below a folder of it; none when there is no such folder. */
export function filesBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}
