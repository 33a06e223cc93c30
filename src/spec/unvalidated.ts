/**
 * For what a rule of `src/spec` refuses: that it has come as far as the plan is a mistake in runts, and nothing is done then.
 * @param what is wrong with the configuration
 */
export const unvalidated = (what: string): RangeError => new RangeError(`a configuration that was not validated: ${what}`);
