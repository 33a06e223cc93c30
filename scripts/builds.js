// What the executable can be built as: dist/runts, and what lacks one thing or several that make it fast (docs/engine.md tells what each brings).
// Plain JavaScript on Node's own modules: the executable is built before anything of ours can run.
import { glibc, musl, plain, sanitized } from './toolchain.js';

/** Options of build-binary.js; each takes something away. */
export const lacking = {
  glibc: 'musl',
  imageless: 'the image',
  mortal: 'immortal counts',
  untrained: 'training of QuickJS',
  plain: 'all of these, and fixed addresses',
};

/**
 * @param options which of the options above are set
 * @returns its tools (a function: what is not installed is told later), and which parts it has
 */
export function buildOf(options) {
  const bare = options.plain || options.sanitize;
  const tools = options.sanitize ? () => sanitized : options.plain ? () => plain : options.glibc ? () => glibc : musl;
  const image = !bare && !options.imageless;
  // Only the image's counts can be immortal: the rest is freed.
  return { tools, image, trained: !bare && !options.untrained, immortal: image && !options.mortal };
}

/** One line about what was built. */
export function describe(options) {
  const { tools, image, trained, immortal } = buildOf(options);
  const { name, linkage } = tools();
  return [
    ...(options.sanitize ? ['under AddressSanitizer and UndefinedBehaviorSanitizer'] : []),
    `QuickJS${trained ? '' : ', untrained'}`,
    `linked against ${name === 'musl' ? 'musl' : 'glibc'}${linkage.includes('-pie') ? ', position independent' : ''}`,
    image ? `with an image${immortal ? '' : ' whose references are counted'}` : 'without an image',
  ].join(', ');
}
