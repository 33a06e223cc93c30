import type { CommandName } from './commands.ts';
import type { Verb } from './invocation.ts';

type Loader<C extends CommandName> = () => Promise<{ readonly run: Verb<C> }>;

/** What runs each command. Every verb is loaded on its own, so that a call pays only for what it needs. */
export const verbs: { readonly [C in CommandName]: Loader<C> } = {
  create: () => import('./create.ts'),
  start: () => import('./start.ts'),
  run: () => import('./run.ts'),
  state: () => import('./state.ts'),
  kill: () => import('./kill.ts'),
  delete: () => import('./delete.ts'),
  list: () => import('./list.ts'),
  ps: () => import('./ps.ts'),
  exec: () => import('./exec.ts'),
  spec: () => import('./spec.ts'),
  plan: () => import('./plan.ts'),
  validate: () => import('./validate.ts'),
  seccomp: () => import('./seccomp.ts'),
  doctor: () => import('./doctor.ts'),
  errors: () => import('./errors.ts'),
  features: () => import('./features.ts'),
  pause: () => import('./pause.ts'),
  resume: () => import('./resume.ts'),
  update: () => import('./update.ts'),
  events: () => import('./events.ts'),
  stats: () => import('./stats.ts'),
  top: () => import('./top.ts'),
  checkpoint: () => import('./checkpoint.ts'),
  restore: () => import('./restore.ts'),
};
