import { hostFacts } from '../host/probe.ts';
import { plan } from '../plan/build.ts';
import type { Plan, Warning } from '../plan/plan.ts';
import { bundleFor, readBundle } from './bundle/bundle.ts';
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
  const warn = (warning: Warning): void => void odd.push(warning);
  const facts = hostFacts();
  const { path, spec } = bundleFor(facts, readBundle(bundle, warn, configFile), warn);
  const { warnings, ...compiled } = plan(spec, planOptions(context, { id, bundle: path }, facts), facts);
  return { ...compiled, warnings: [...odd, ...warnings] };
}
