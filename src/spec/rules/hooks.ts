import { each, type Report } from '../findings.ts';
import { hookKinds } from '../hook-kinds.ts';
import type { Hooks } from '../types.gen.ts';
import { checkEnvironment } from './environment.ts';

/** Hooks: absolute paths, timeouts above zero (CFG-075, CFG-078). */
export function checkHooks(hooks: Hooks | undefined, report: Report): void {
  if (hooks === undefined) return;
  for (const kind of hookKinds) {
    for (const [hook, place] of each(hooks[kind], `/hooks/${kind}`)) {
      // What is wrong with a poststop hook fails when nothing is left to fail but itself (RT-031).
      const refuse = kind === 'poststop' ? 'tolerate' : 'error';
      if (!hook.path.startsWith('/')) {
        report[refuse](`${place}/path`, 'NOT_ABSOLUTE', `path ${JSON.stringify(hook.path)} of a ${kind} hook must be absolute`);
      }
      if (hook.timeout !== undefined && hook.timeout <= 0) {
        const message = `timeout ${hook.timeout} of a ${kind} hook must be greater than zero`;
        report[refuse](`${place}/timeout`, 'OUT_OF_RANGE', message);
        report.drop(`${place}/timeout`);
      }
      checkEnvironment(hook.env, `${place}/env`, report, 'tolerate');
    }
  }
}
