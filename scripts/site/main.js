// Makes the site of the pages and of the library's API (build/site): `npm run site`. A link or an anchor that leads nowhere fails it, and an export
// without a docstring. Options are those of typedoc, which works on the compiler's API: TypeScript 7 has none, and so it gets 5.9.
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

const hook = `export const resolve = (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-5.9' : specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
process.argv.splice(2, 0, '--options', fileURLToPath(new URL('typedoc.js', import.meta.url)));
await import('../../node_modules/typedoc/dist/cli.js');
