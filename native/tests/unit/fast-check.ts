/** fast-check, whose properties hold as often as the run has time for: under sanitizers everything takes dozens of times as long. */
import * as all from 'fast-check';

export * from 'fast-check';

let most = 20;
let seed = 20;

export function limitRuns(runs: number, from: number): void {
  most = runs;
  seed = from;
}

const assert = ((property: all.IProperty<unknown>, parameters: all.Parameters<unknown> = {}) =>
  all.assert(property, { seed, ...parameters, numRuns: Math.min(parameters.numRuns ?? 100, most) })) as typeof all.assert;

export default { ...all, assert };
