import {
  ENOSYS,
  EPERM,
  SECCOMP_RET_ACTION,
  SECCOMP_RET_ACTION_FULL,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_DATA,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG,
  SECCOMP_RET_TRACE,
  SECCOMP_RET_TRAP,
  SECCOMP_RET_USER_NOTIF,
} from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import type { LinuxSeccompAction } from '../types.ts';
import { unvalidated } from '../unvalidated.ts';

/** The low 16 bits of ERRNO and TRACE carry a number. */
const actions: Readonly<Record<LinuxSeccompAction, number>> = {
  SCMP_ACT_KILL: SECCOMP_RET_KILL_THREAD,
  SCMP_ACT_KILL_THREAD: SECCOMP_RET_KILL_THREAD,
  SCMP_ACT_KILL_PROCESS: SECCOMP_RET_KILL_PROCESS,
  SCMP_ACT_TRAP: SECCOMP_RET_TRAP,
  SCMP_ACT_ERRNO: SECCOMP_RET_ERRNO,
  SCMP_ACT_TRACE: SECCOMP_RET_TRACE,
  SCMP_ACT_NOTIFY: SECCOMP_RET_USER_NOTIF,
  SCMP_ACT_LOG: SECCOMP_RET_LOG,
  SCMP_ACT_ALLOW: SECCOMP_RET_ALLOW,
};

/** What a call gets whose architecture the filter does not serve. */
export const killThread: number = actions.SCMP_ACT_KILL_THREAD;
export const notify: number = actions.SCMP_ACT_NOTIFY;
export const errnoNosys: number = actions.SCMP_ACT_ERRNO + ENOSYS;

/** Every action a profile may name. */
export const knownActions = Object.keys(actions) as LinuxSeccompAction[];

/** Actions after which the call still happens, or may: a tracer is trusted with calls nobody knew when the profile was written. */
export function isPermissive(action: number): boolean {
  const kind = (action & SECCOMP_RET_ACTION) >>> 0;
  return kind === actions.SCMP_ACT_ALLOW || kind === actions.SCMP_ACT_LOG || kind === actions.SCMP_ACT_TRACE;
}

/**
 * An action as the filter returns it.
 * @param errno errnoRet or defaultErrnoRet; EPERM without it
 */
export function resolveAction(name: LinuxSeccompAction, errno: number | undefined): number {
  const value = lookup<number>(actions, name);
  if (value === undefined) throw unvalidated(`seccomp has no action ${name}`);
  const takesNumber = value === actions.SCMP_ACT_ERRNO || value === actions.SCMP_ACT_TRACE;
  if (errno === undefined) return takesNumber ? value + EPERM : value;
  if (!takesNumber || errno > SECCOMP_RET_DATA) throw unvalidated(`${name} with errno ${errno}`);
  return value + errno;
}

const words: readonly (readonly [value: number, word: string])[] = [
  [actions.SCMP_ACT_KILL_THREAD, 'KILL_THREAD'],
  [actions.SCMP_ACT_KILL_PROCESS, 'KILL_PROCESS'],
  [actions.SCMP_ACT_TRAP, 'TRAP'],
  [actions.SCMP_ACT_ERRNO, 'ERRNO'],
  [actions.SCMP_ACT_TRACE, 'TRACE'],
  [actions.SCMP_ACT_NOTIFY, 'NOTIFY'],
  [actions.SCMP_ACT_LOG, 'LOG'],
  [actions.SCMP_ACT_ALLOW, 'ALLOW'],
];

/** An action as people read it: "ALLOW", "ERRNO(1)". */
export function actionText(action: number): string {
  const kind = (action & SECCOMP_RET_ACTION_FULL) >>> 0;
  const word = words.find(([value]) => value === kind)?.[1] ?? `0x${action.toString(16)}`;
  return kind === actions.SCMP_ACT_ERRNO || kind === actions.SCMP_ACT_TRACE ? `${word}(${action & SECCOMP_RET_DATA})` : word;
}
