// What the executable can be built as: dist/runts, and what lacks one thing or several that make it fast (docs/engine.md tells what each brings).
// Plain JavaScript on Node's own modules: the executable is built before anything of ours can run.
import { aarch64, glibc, musl, plain, sanitized } from './toolchain.js';

/** Options of build-binary.js; each takes something away. */
export const lacking = {
  glibc: 'musl',
  imageless: 'the image',
  mortal: 'immortal counts',
  untrained: 'training of QuickJS',
  plain: 'all of these, and fixed addresses',
};

/** The processors that it can be built for, as the kernel calls them, with their names in Node. */
const processors = { x86_64: 'x64', aarch64: 'arm64' };

/**
 * Whether `--arch` asks for another processor than this machine's; there is a compiler for one of them.
 * @param {{ arch?: string }} options
 */
export function isForeign({ arch }) {
  if (arch === undefined || processors[arch] === process.arch) return false;
  if (arch !== 'aarch64') throw new Error(`--arch ${arch}: an executable for another processor can be built for aarch64 alone`);
  return true;
}

/**
 * @param options which of the options above are set
 * @returns its tools (a function: what is not installed is told later), and which parts it has
 */
export function buildOf(options) {
  const bare = options.plain || options.sanitize;
  if (isForeign(options) && (bare || options.glibc)) throw new Error('an executable for another processor is linked against musl');
  const tools = isForeign(options)
    ? aarch64
    : options.sanitize
      ? () => sanitized
      : options.plain
        ? () => plain
        : options.glibc
          ? () => glibc
          : musl;
  const image = !bare && !options.imageless;
  // Only the image's counts can be immortal: the rest is freed.
  return { tools, image, trained: !bare && !options.untrained, immortal: image && !options.mortal };
}

/** One line about what was built. */
export function describe(options) {
  const { tools, image, trained, immortal } = buildOf(options);
  const { name, linkage, processor } = tools();
  return [
    ...(options.sanitize ? ['under AddressSanitizer and UndefinedBehaviorSanitizer'] : []),
    `QuickJS${trained ? '' : ', untrained'}`,
    ...(processor ? [`for ${processor}`] : []),
    `linked against ${name === 'musl' || processor ? 'musl' : 'glibc'}${linkage.includes('-pie') ? ', position independent' : ''}`,
    image ? `with an image${immortal ? '' : ' whose references are counted'}` : 'without an image',
  ].join(', ');
}
