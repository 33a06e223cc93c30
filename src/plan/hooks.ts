import type { HookKind } from '../spec/hook-kinds.ts';
import type { Hook, Spec } from '../spec/types.ts';
import type { PlanContext } from './context.ts';
import type { HookCommand, Step } from './plan.ts';
import { programEnvironment } from './process/environment.ts';
import { slots } from './wire/places.ts';

const chapter = 'Hooks';

/** A hook as a command: argv[0] is the path when `args` is absent. */
function hookCommand({ path, args, env, timeout }: Hook): HookCommand {
  return {
    path,
    args: args && args.length > 0 ? args : [path],
    ...(env === undefined ? {} : { env }),
    ...(timeout === undefined ? {} : { timeout: Number(timeout) }),
  };
}

/** All hooks of one kind. */
export function hooksOf(spec: Spec, kind: HookKind): HookCommand[] {
  return (spec.hooks?.[kind] ?? []).map(hookCommand);
}

/** What the step of a hook is called, in a plan and where it fails. */
export const hookTitle = (kind: HookKind, path: string): string => `run ${kind} hook ${path}`;

/** prestart and createRuntime hooks: run by the runtime in its own namespaces, before pivot_root (CFG-081, CFG-082). */
export function planRuntimeHooks({ spec }: PlanContext): Step[] {
  return (['prestart', 'createRuntime'] as const).flatMap((kind) =>
    hooksOf(spec, kind).map((hook, index) => ({
      chapter,
      pointer: `/hooks/${kind}/${index}`,
      title: hookTitle(kind, hook.path),
      stage: 'runtime' as const,
      at: 'runtimeHooks' as const,
      action: { op: 'hook.run' as const, kind, index, hook },
    })),
  );
}

/** createContainer hooks start in the rootfs, as with runc: vendors' hooks change what lies there by relative names. */
function planHookDirectory(): Step {
  const action = { op: 'directory.enter', slot: slots.rootfs } as const;
  return { chapter, pointer: '/hooks/createContainer', title: 'change to the root filesystem for hooks', stage: 'init', action };
}

/** createContainer hooks: run by init, before the change of root (CFG-083). */
export function planCreateContainerHooks(context: PlanContext): Step[] {
  const hooks = planContainerHooks(context, 'createContainer');
  return hooks.length > 0 ? [planHookDirectory(), ...hooks] : [];
}

/**
 * Hooks that init itself runs in the container's namespaces. Their state has the pid as the container sees it (RT-012), which only
 * init knows when the pid namespace is not new; so the state travels in two halves around the pid.
 */
export function planContainerHooks(context: PlanContext, kind: 'createContainer' | 'startContainer'): Step[] {
  const status = kind === 'createContainer' ? 'creating' : 'created';
  const [stateHead, stateTail] = stateHalves(context, status);
  const { spec, options } = context;
  // Without an environment of its own a hook of the program has that of the program (ENG-015), and one that runs beside it none at all.
  const inherited = kind === 'startContainer' ? programEnvironment(spec.process?.env ?? []) : [];
  return hooksOf(spec, kind).map(({ path, args, env, timeout }, index) => ({
    chapter,
    pointer: `/hooks/${kind}/${index}`,
    title: hookTitle(kind, path),
    stage: 'init',
    action: {
      op: 'hook.run',
      path,
      args,
      env: env ?? inherited,
      home: env === undefined && kind === 'startContainer',
      preserved: options.preserveFds,
      timeoutMs: BigInt(timeout ?? 0) * 1000n,
      stateHead,
      stateTail,
    },
  }));
}

function stateHalves({ spec, options }: PlanContext, status: string): [string, string] {
  const head = JSON.stringify({ ociVersion: spec.ociVersion, id: options.id, status });
  const tail = JSON.stringify({ bundle: options.bundle, ...(spec.annotations ? { annotations: spec.annotations } : {}) });
  return [`${head.slice(0, -1)},"pid":`, `,${tail.slice(1)}`];
}
