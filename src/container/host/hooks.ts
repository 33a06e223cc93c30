import { errnoText } from '../../errno.ts';
import { messageOf } from '../../errors.ts';
import { addon, type ProcessResult } from '../../native/addon.ts';
import { failedWith, isSystemError } from '../../native/system-error.ts';
import type { HookCommand } from '../../plan/plan.ts';
import type { ContainerStatus } from '../../spec/types.ts';
import type { Context } from '../context.ts';
import { type HookPlace, hookFailure, pastTimeout } from '../failure/hook.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import type { Hold } from '../state/hold.ts';
import { save } from '../state/store.ts';
import { hookState } from '../state.ts';
import { childTraceparent } from '../trace-context.ts';

/**
 * Runs one hook in the runtime's namespaces, with the state on its standard input and the bundle as its directory.
 * @throws RuntimeError HOOK_FAILED
 */
function runHook(
  place: HookPlace,
  { path, args, env, timeout = 0 }: HookCommand,
  record: ContainerRecord,
  status: ContainerStatus,
  onStarted: (pid: number) => void = () => {},
): void {
  let started = false;
  const request = {
    path,
    args,
    env: withTraceparent(env ?? []),
    inherits: env === undefined,
    cwd: record.bundle,
    stdin: hookState(record, status),
    timeoutMs: timeout * 1000,
    keepsEnd: true,
    onStarted: (pid: number) => {
      started = true;
      onStarted(pid);
    },
  };
  let result: ProcessResult;
  try {
    result = runInBundle(request);
  } catch (error) {
    if (started || !isSystemError(error)) throw error;
    const { code, errno, syscall } = error;
    throw hookFailure(place, path, `${syscall}: ${errnoText(errno)}`, '', { syscall, errno: code, cause: error });
  }
  if (result.status === 0) return;
  const ended = result.signal > 0 ? `signal ${result.signal}` : `exit status ${result.status}`;
  throw hookFailure(place, path, result.timedOut ? pastTimeout(timeout) : ended, result.output);
}

/** Of a container that outlives its bundle, what hooks have to clear away is still there: they run in "/" then. */
function runInBundle(request: Parameters<typeof addon.runProcess>[0]): ProcessResult {
  try {
    return addon.runProcess(request);
  } catch (error) {
    if (!failedWith(error, 'ENOENT') || error.syscall !== 'chdir') throw error;
    return addon.runProcess({ ...request, cwd: '/' });
  }
}

/**
 * Runs a hook of a container that others may delete meanwhile: for as long as it runs it is in the record, for them to end it.
 * @throws RuntimeError HOOK_FAILED, CONTAINER_DELETED
 */
export function runNotedHook(
  context: Context,
  hold: Hold,
  record: ContainerRecord,
  { hook, status, ...place }: HookPlace & { readonly hook: HookCommand; readonly status: ContainerStatus },
): void {
  const note = (pid: number): void => {
    const startTime = String(addon.processStat(pid)?.startTime ?? 0n);
    save(context, { ...record, hook: { pid, startTime } });
    hold.unlock();
  };
  // Locked before it starts: a hook that deletes its own container must not come before it is in the record.
  hold.lock();
  try {
    hold.check();
    runHook(place, hook, record, status, note);
  } finally {
    hold.unlock();
  }
}

/** A hook belongs to the caller's trace, unless the configuration says otherwise. */
function withTraceparent(env: readonly string[]): readonly string[] {
  const caller = process.env['TRACEPARENT'];
  const own = childTraceparent(caller);
  const others = env.filter((entry) => entry !== `TRACEPARENT=${caller}`);
  return own === undefined || others.some((entry) => entry.startsWith('TRACEPARENT=')) ? env : [...others, `TRACEPARENT=${own}`];
}

/** poststop hooks: a failing one is a warning and keeps none of the others from running (RT-031). */
export function runPoststop(context: Context, record: ContainerRecord): void {
  record.poststop.forEach((hook, index) => {
    try {
      runHook({ kind: 'poststop', index }, hook, record, 'stopped');
    } catch (error) {
      context.warn({ code: 'POSTSTOP_FAILED', message: messageOf(error), pointer: `/hooks/poststop/${index}` });
    }
  });
}
