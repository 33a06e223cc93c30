import { hostFacts } from '../host/probe.ts';
import { plan } from '../plan/build.ts';
import type { Plan, Warning } from '../plan/plan.ts';
import { readBundle } from './bundle/bundle.ts';
import type { Context } from './context.ts';
import { planOptions } from './plan-options.ts';
import { checkId } from './state/store.ts';

export interface PlanRequest {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  readonly configFile?: string;
}

/** What create would do with a bundle on this host; nothing is done. */
export function planBundle(context: Context, { id, bundle, configFile }: PlanRequest): Plan {
  checkId(id);
  const odd: Warning[] = [];
  const { path, spec } = readBundle(bundle, (warning) => odd.push(warning), configFile);
  const facts = hostFacts();
  const { warnings, ...compiled } = plan(spec, planOptions(context, { id, bundle: path }, facts), facts);
  return { ...compiled, warnings: [...odd, ...warnings] };
}
