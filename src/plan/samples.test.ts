import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSpec } from '../spec/validate.ts';
import { plan } from './build.ts';
import { hybridHost, planOptions, unifiedHost } from './testing.ts';
import { encodePlan, type WireStep } from './wire.ts';

const folder = new URL('../../../shared/engines/samples/', import.meta.url);
const samples = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** The recordings are cut: an object with the one member "…" stands for the rest of a list. */
const withoutCuts = (text: string): string =>
  JSON.stringify(JSON.parse(text, (_key, value) => (Array.isArray(value) ? value.filter((item) => !item?.['…']) : value)));

describe.skipIf(samples.length === 0)('what real engines write can be planned (skipped without the recordings)', () => {
  for (const name of samples) {
    const text = withoutCuts(readFileSync(new URL(name, folder), 'utf8'));
    if (!text.includes('"ociVersion"')) continue;
    for (const [kind, host] of Object.entries({ hybridHost, unifiedHost })) {
      it(`${name} on a ${kind}`, () => {
        const { steps } = plan(parseSpec(text), planOptions, name.includes('rootless') ? { ...host, euid: 1000 } : host);
        const own = steps.flatMap((step, index): WireStep[] =>
          step.stage === 'runtime' ? [] : [{ index, stage: step.stage, action: step.action }],
        );
        expect(encodePlan(own).length).toBeGreaterThan(1000);
        expect(steps.at(-1)?.action.op).toBe('exec');
      });
    }
  }
});
