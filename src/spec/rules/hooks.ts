import { each, type Report } from '../findings.ts';
import type { Hooks } from '../types.gen.ts';
import { checkEnvironment } from './environment.ts';

const kinds = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const;

/** Hooks: absolute paths, timeouts above zero (CFG-075, CFG-078). */
export function checkHooks(hooks: Hooks | undefined, report: Report): void {
  if (hooks === undefined) return;
  for (const kind of kinds) {
    for (const [hook, place] of each(hooks[kind], `/hooks/${kind}`)) {
      if (!hook.path.startsWith('/')) {
        report.error(`${place}/path`, 'NOT_ABSOLUTE', `path ${JSON.stringify(hook.path)} of a ${kind} hook must be absolute`);
      }
      if (hook.timeout !== undefined && hook.timeout <= 0) {
        report.error(`${place}/timeout`, 'OUT_OF_RANGE', `timeout ${hook.timeout} of a ${kind} hook must be greater than zero`);
      }
      checkEnvironment(hook.env, `${place}/env`, report);
    }
  }
}
