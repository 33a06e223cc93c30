import { hostFacts } from '../host/probe.ts';
import { plan } from '../plan/build.ts';
import { planRestore } from '../plan/criu/restore.ts';
import type { Plan, Warning } from '../plan/plan.ts';
import { bundleFor, readBundle } from './bundle/bundle.ts';
import type { Context } from './context.ts';
import { imaginedLaunch } from './criu/restore-launch.ts';
import { planOptions } from './plan-options.ts';
import { checkId } from './state/store.ts';

/** What `create` would be asked for. */
export interface PlanRequest {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  readonly configFile?: string;
  /** The configuration, in place of any file's; then the bundle need not be there. */
  readonly configText?: string;
  readonly noPivot?: boolean;
  readonly noNewKeyring?: boolean;
  /** Whether it is to end with the process that makes it; else only where the context says so. */
  readonly guarded?: boolean;
  /** Whether the container is to be restored from a checkpoint. */
  readonly restore?: boolean;
}

/** What create, or restore, would do with a bundle on this host; nothing is done. */
export function planBundle(context: Context, request: PlanRequest): Plan {
  const { id, noPivot = false, noNewKeyring = false, guarded = false, restore = false } = request;
  checkId(id);
  const odd: Warning[] = [];
  const warn = (warning: Warning): void => void odd.push(warning);
  const facts = hostFacts();
  const { path, spec } = bundleFor(facts, readBundle(request, warn), warn);
  const options = { ...planOptions(context, { id, bundle: path, noPivot, noNewKeyring }, facts), ...(guarded ? { guarded } : {}) };
  const { warnings, ...compiled } = restore ? planRestore(spec, options, facts, imaginedLaunch(context, id)) : plan(spec, options, facts);
  return { ...compiled, warnings: [...odd, ...warnings] };
}
