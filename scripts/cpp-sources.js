// Which C++ goes into which program: the one list for binding.gyp (`node scripts/cpp-sources.js NAME…` prints it), the executable, and the checks.
// Plain JavaScript on Node's own modules: `npm ci` builds with it before anything else is there.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);

/** Files of a folder, as paths from the checkout. */
function files(folder, ending) {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => join(folder, name));
}

/** What the addon shares with init. The rest of core is what init has in place of a C library. */
const shared = ['native/core/exchange.cc'];

/** Each has a main of its own, which the executable does not want. */
const compileModules = 'native/engine/compile.cc';
/** Only where the compiler is shown what is hot. */
const training = 'native/engine/train.cc';

/** Source files of each program; `musl` and `musl-addon` are what the C library of that name lacks. */
const lists = {
  init: () => [...files('native/core', '.cc'), ...files('native/init', '.cc')],
  addon: () => [...shared, ...files('native/addon', '.cc')],
  engine: () => files('native/engine', '.cc').filter((file) => ![compileModules, training].includes(file)),
  compile: () => [compileModules, 'native/engine/file.cc', 'native/engine/sanitizers.cc'],
  train: () => [training],
  musl: () => files('native/musl', '.cc'),
  'musl-addon': () => ['native/musl/isoc23.cc', ...files('native/musl/addon', '.cc')],
  tests: () => files('native/tests', '.cc'),
  'init-headers': () => [...files('native/core', '.h'), ...files('native/init', '.h')],
  /** Everything that a person writes, headers too. */
  written: () =>
    readdirSync(join(root, 'native'), { recursive: true })
      .filter((path) => /\.(cc|h)$/.test(path) && !/\.gen\./.test(path))
      .map((path) => join('native', path))
      .sort(),
};

/**
 * Paths from the checkout.
 * @param {...(keyof typeof lists)} names
 */
export const cppSources = (...names) => names.flatMap((name) => lists[name]());

if (process.argv[1] === import.meta.filename) console.log(cppSources(...process.argv.slice(2)).join('\n'));
