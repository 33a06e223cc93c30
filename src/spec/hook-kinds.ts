import type { Hooks } from './types.gen.ts';

export type HookKind = keyof Hooks;

/** In the order in which they run (config.md, "Posix-platform Hooks"). */
export const hookKinds = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const satisfies readonly HookKind[];
