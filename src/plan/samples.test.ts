import { describe, expect, it } from 'vitest';
import { readRecording, recordedConfigs } from '../../spec-tests/harness/recordings.ts';
import { parseSpec } from '../spec/validate.ts';
import { plan } from './build.ts';
import { hybridHost, planOptions, unifiedHost } from './testing.ts';
import { encodePlan, type WireStep } from './wire/encode.ts';

const configs = recordedConfigs();

describe('what real engines write can be planned', () => {
  for (const name of configs) {
    const text = JSON.stringify(readRecording(name));
    for (const [kind, host] of Object.entries({ hybridHost, unifiedHost })) {
      it(`${name} on a ${kind}`, () => {
        const { steps } = plan(parseSpec(text), planOptions, name.includes('rootless') ? { ...host, initialUserNamespace: false } : host);
        const own = steps.flatMap((step, index): WireStep[] =>
          step.stage === 'runtime' ? [] : [{ index, stage: step.stage, action: step.action }],
        );
        expect(encodePlan(own).length).toBeGreaterThan(1000);
        expect(steps.at(-1)?.action.op).toBe('exec');
      });
    }
  }
});
