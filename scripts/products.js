// What is built, from what, and whether it is older than that.
// Plain JavaScript on Node's own modules: on a fresh clone nothing else is there yet.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = dirname(import.meta.dirname);

/** A script and every one that it imports, from the folder of the checkout. */
export function withImports(script, found = new Set()) {
  if (found.has(script)) return found;
  found.add(script);
  for (const [, name] of readFileSync(join(root, script), 'utf8').matchAll(/^(?:import|export)\b[^'"]*['"](\.[^'"]*)['"]/gm)) {
    withImports(relative(root, join(root, dirname(script), name)), found);
  }
  return found;
}

/** In the order in which each needs the one before. */
export const products = [
  {
    name: 'npm packages',
    file: 'node_modules/.package-lock.json',
    sources: ['package-lock.json'],
    command: ['npm', 'ci', '--no-audit', '--no-fund', '--prefer-offline'],
  },
  {
    name: 'the addon and init (C++)',
    file: 'build/Release/runts.node',
    script: 'scripts/build-native.js',
    sources: [
      'native/core',
      'native/addon',
      'native/init',
      'binding.gyp',
      'scripts/cpp-sources.js',
      'scripts/warnings.js',
      'node_modules/.package-lock.json',
    ],
    command: ['npm', 'run', '--silent', 'build:native'],
  },
  {
    name: 'lib/ (TypeScript)',
    file: 'lib/bundle/main.js',
    script: 'scripts/build-ts.js',
    sources: ['src', 'tsconfig.json', 'node_modules/.package-lock.json'],
    command: ['npm', 'run', '--silent', 'build:ts'],
  },
  {
    name: 'dist/runts (single executable)',
    file: 'dist/runts',
    script: 'scripts/build-binary.js',
    sources: [
      'src',
      'native/core',
      'native/addon',
      'native/engine',
      'native/musl',
      'native/objects.mk',
      // Of the build with sanitizers.
      'native/tests/hosted_init.cc',
      'native/tests/hosted_fault.cc',
      'binding.gyp',
      'build/Release/runts.node',
      'spec-tests/seccomp-oracle/fixtures/docker.json',
      'package.json',
      'tsconfig.json',
      'node_modules/.package-lock.json',
    ],
    command: ['npm', 'run', '--silent', 'build:binary'],
  },
  {
    name: "musl's addon (C++)",
    file: 'build/musl/runts.node',
    script: 'scripts/build-musl-addon.js',
    sources: [
      'native/core',
      'native/addon',
      'native/musl',
      'native/objects.mk',
      // Of these it has nothing, but the lists of sources and tools that it comes from name them; make then has nothing to do.
      'native/engine',
      'native/tests/hosted_init.cc',
      'native/tests/hosted_fault.cc',
      'binding.gyp',
      'build/Release/runts.node',
      'node_modules/.package-lock.json',
    ],
    command: ['npm', 'run', '--silent', 'build:musl-addon'],
  },
];

/**
 * Files and folders that go into a product.
 * @param {{ script?: string, sources: string[] }} product
 */
export const sourcesOf = ({ script, sources }) => [...(script ? withImports(script) : []), ...sources];

/** Time of the newest file below a path, in milliseconds; 0 when there is none. Tests go into nothing that is built. */
function newest(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status || /\.test\.ts$/.test(path)) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** @returns {'missing' | 'out of date' | undefined} undefined when it is as new as its sources */
export function staleness(product) {
  const made = statSync(join(root, product.file), { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return 'missing';
  return made < Math.max(...sourcesOf(product).map((source) => newest(join(root, source)))) ? 'out of date' : undefined;
}
