// What Biome has no rule for (the layers of src are in biome.json): the dependency rule of native, the names rule, the lookup rule, the kernel's numbers, what
// goes by the kernel's age and what the start of the command may load. Prints findings, exits 1 when there are any.
//
//   addon → core ← init, engine
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { filesBelow } from './file-sizes.ts';
import { fallbackFindings, fallbacks } from './kernel-fallbacks.ts';
import { handWritten, kernelNumbers } from './kernel-numbers.ts';

const root = dirname(import.meta.dirname);

interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the repository's root; undefined for a package or a module of Node. */
  readonly target: string | undefined;
  readonly kind: 'static' | 'dynamic' | 'type';
}

/** What the start of the command must not load: each costs milliseconds that every call would pay. */
const slowAtStart = /^(node:)?fs(\/promises)?$|^yargs(\/|$)|^ajv(\/|$)/;

const hotVerbs = ['create', 'start', 'run', 'exec', 'state', 'kill', 'delete'];

const forbiddenName = /^(utils?|helpers?|common|managers?)(\.|$)/;
const nativeFolders = ['addon', 'core', 'engine', 'init'];

/** Every import and re-export of a TypeScript source. Comments go first: they may hold examples. */
function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  const add = (specifier: string, kind: Import['kind']) => {
    const target = specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : undefined;
    found.push({ specifier, target, kind });
  };
  for (const [, clause = '', specifier = ''] of text.matchAll(/^\s*(?:import|export)\b([^;'"]*?)\bfrom\s*['"]([^'"]+)['"]/gm)) {
    add(specifier, /^\s*type\b/.test(clause) ? 'type' : 'static');
  }
  for (const [, specifier = ''] of text.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm)) add(specifier, 'static');
  for (const [, specifier = ''] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) add(specifier, 'dynamic');
  return found;
}

/** Where every call begins: the entry with what it awaits, and the verbs that engines call. */
function startingPoints(): string[] {
  const awaited = importsOf('src/main.ts').flatMap(({ target }) => target ?? []);
  return ['src/main.ts', ...awaited, ...hotVerbs.map((verb) => `src/cli/${verb}.ts`)];
}

/** Follows static imports and names the way to whatever must not load at start. */
function checkStart(entry: string): string[] {
  const findings: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { specifier, target, kind } of importsOf(path)) {
      if (kind !== 'static') continue;
      if (target) visit(target, [...way, target]);
      else if (slowAtStart.test(specifier)) findings.push(`${specifier} loads at start: ${[...way, specifier].join(' → ')}`);
    }
  };
  visit(entry, [entry]);
  return findings;
}

/** A table that plain indexing reads by a name of somebody else's, which every object's prototype answers too: `lookup` does not. */
function checkLookups(path: string): string[] {
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  const tables = new Set(
    lines.flatMap((line) => /\bconst (\w+): (?:(?:Partial|Readonly)<)*Record<string,(?!.*Object\.create\(null\))/.exec(line)?.[1] ?? []),
  );
  return lines.flatMap((line, index) =>
    [...line.matchAll(/(?<![\w.])(\w+)(?:\?\.)?\[[^\]'][^\]]*\](?! =(?!=))/g)]
      .filter(([, name = '']) => tables.has(name))
      .map(([text]) => `${path}:${index + 1}: ${text} finds what every object has: use lookup of src/lookup.ts`),
  );
}

const numbers = kernelNumbers(readFileSync(join(root, 'src/kernel.gen.ts'), 'utf8'));

function checkKernelNumbers(path: string): string[] {
  if (path.endsWith('.gen.ts')) return [];
  return handWritten(readFileSync(join(root, path), 'utf8'), numbers).map((what) => `${path}: ${what} belongs to src/kernel.gen.ts`);
}

/** addon → core ← init: neither of the two sees the other, and core sees neither. */
function checkIncludes(path: string): string[] {
  const own = path.split('/')[1] ?? '';
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)].flatMap(([, include = '']) => {
    const target = include.startsWith('.') ? normalize(join(dirname(path), include)) : `native/${include.replace(/^native\//, '')}`;
    const folder = target.split('/')[1] ?? '';
    const outward = nativeFolders.includes(folder) && folder !== own && folder !== 'core';
    return outward ? [`${path} includes ${include}: addon → core ← init`] : [];
  });
}

function checkNames(path: string): string[] {
  const wrong = path.split('/').find((name) => forbiddenName.test(name));
  return wrong ? [`${path}: a name like "${wrong}" does not say what is inside`] : [];
}

const sources = filesBelow(root, 'src').filter((path) => path.endsWith('.ts'));
const native = filesBelow(root, 'native').filter((path) => /\.(cc|h)$/.test(path));
const named = ['src', 'native', 'spec-tests', 'scripts', 'bench', 'docs', 'bin'].flatMap((folder) => filesBelow(root, folder));
const findings = [
  ...sources.filter((path) => !/\b(test|testing)\.ts$/.test(path)).flatMap(checkLookups),
  ...sources.filter((path) => !/\b(test|testing)\.ts$/.test(path)).flatMap(checkKernelNumbers),
  ...startingPoints().flatMap(checkStart),
  ...native.filter((path) => nativeFolders.includes(path.split('/')[1] ?? '')).flatMap(checkIncludes),
  ...fallbackFindings(
    native
      .filter((path) => /^native\/(addon|init)\//.test(path))
      .flatMap((path) => fallbacks(path, readFileSync(join(root, path), 'utf8'))),
  ),
  ...named.flatMap(checkNames),
];
for (const finding of findings) console.error(finding);
console.log(`${sources.length} TypeScript and ${native.length} C++ files, ${findings.length} findings`);
process.exitCode = findings.length > 0 ? 1 : 0;
