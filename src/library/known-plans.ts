// What a thread keeps from one container to the next: most programs make many of the same configuration.
import type { KnownPlans as Known } from '../container/context.ts';
import type { HostFacts } from '../host/facts.ts';
import type { PlanOptions } from '../plan/context.ts';
import { forAnyId, isUsualId } from '../plan/for-any-id.ts';
import type { Plan } from '../plan/plan.ts';
import { exactJson } from '../spec/exact-json.ts';
import type { Spec } from '../spec/types.ts';
import { parseSpec, type Warn } from '../spec/validate.ts';

/** Configurations kept. */
const MOST = 16;
/** Characters of the longest one. */
const LONGEST = 1 << 20;

interface Entry {
  /** All that the plan was made of, but the configuration. */
  readonly circumstances: string;
  readonly planFor: (id: string) => Plan;
}

export class KnownPlans implements Known {
  private readonly specs = new Map<string, Spec>();
  /** The last one of each configuration. */
  private readonly plans = new WeakMap<Spec, Entry>();
  private readonly placeholder: string;

  /** @param placeholder a usual id that is in nobody's configuration, and that nobody can guess */
  constructor(placeholder: string) {
    this.placeholder = placeholder;
  }

  readonly parse = (text: string, warn: Warn): Spec => {
    const known = this.specs.get(text);
    if (known) return known;
    let isOdd = false;
    const spec = parseSpec(text, (warning) => {
      isOdd = true;
      warn(warning);
    });
    if (!isOdd && text.length <= LONGEST) this.keep(text, spec);
    return spec;
  };

  plan(spec: Spec, options: PlanOptions, facts: HostFacts, compile: (options: PlanOptions) => Plan): Plan {
    const { id, ...others } = options;
    if (!isUsualId(id)) return compile(options);
    const circumstances = exactJson([others, facts]);
    const known = this.plans.get(spec);
    if (known?.circumstances === circumstances) return known.planFor(id);
    const planFor = forAnyId(this.attempt(options, compile), this.placeholder);
    this.plans.set(spec, { circumstances, planFor });
    return planFor(id);
  }

  /** An error is told of the container itself. */
  private attempt(options: PlanOptions, compile: (options: PlanOptions) => Plan): Plan {
    try {
      return compile({ ...options, id: this.placeholder });
    } catch {
      return compile(options);
    }
  }

  private keep(text: string, spec: Spec): void {
    const [oldest] = this.specs.keys();
    if (this.specs.size >= MOST && oldest !== undefined) this.specs.delete(oldest);
    this.specs.set(text, spec);
  }
}
