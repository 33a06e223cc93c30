/**
 * Entry of the executable. Loaded when that is built, after globals.ts and together with every other module of src/: what is at the top level of
 * a module runs then, and must not ask for anything of the machine or the call. `start` runs in every call.
 */
import { dispatch } from '../cli/dispatch.ts';
import { addon } from '../native/addon.ts';

const { engine } = globalThis as unknown as { readonly engine: { start?: () => Promise<void> } };

engine.start = async () => addon.exit(await dispatch(process.argv.slice(2)));
