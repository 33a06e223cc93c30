import { Unavailable } from '../../scripts/unavailable.js';

/** Programs for amd64; undefined, with a warning, where they cannot be had: the network may be gone, and the processor another. */
export function fetchedIfPossible<T>(name: string, fetch: () => T): T | undefined {
  try {
    return process.arch === 'x64' ? fetch() : undefined;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.warn(`spec-tests: no ${name}, what needs it is skipped: ${error.message}`);
    return undefined;
  }
}
