import { RuntimeError } from '../../errors.ts';
import { ENOSYS, EPERM } from '../../kernel.gen.ts';
import { lookup } from '../../lookup.ts';
import type { LinuxSeccompAction } from '../../spec/types.ts';

/** SECCOMP_RET_* of <linux/seccomp.h>; the low 16 bits of ERRNO and TRACE carry a number. */
const actions: Readonly<Record<LinuxSeccompAction, number>> = {
  SCMP_ACT_KILL: 0x00000000,
  SCMP_ACT_KILL_THREAD: 0x00000000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

/** What a call gets whose architecture the filter does not serve. */
export const killThread: number = actions.SCMP_ACT_KILL_THREAD;
export const notify: number = actions.SCMP_ACT_NOTIFY;
export const errnoNosys: number = actions.SCMP_ACT_ERRNO + ENOSYS;

/** Every action a profile may name. */
export const knownActions = Object.keys(actions) as LinuxSeccompAction[];

/** Actions after which the call still happens, or may: a tracer is trusted with calls nobody knew when the profile was written. */
export function isPermissive(action: number): boolean {
  const kind = (action & 0x7fff0000) >>> 0;
  return kind === actions.SCMP_ACT_ALLOW || kind === actions.SCMP_ACT_LOG || kind === actions.SCMP_ACT_TRACE;
}

/**
 * An action as the filter returns it.
 * @param errno errnoRet or defaultErrnoRet; EPERM without it
 * @param pointer of the object that holds the action
 * @param members names of the two members in that object
 * @throws RuntimeError SECCOMP_UNKNOWN_ACTION, SECCOMP_BAD_ERRNO
 */
export function resolveAction(
  name: string,
  errno: number | undefined,
  pointer: string,
  members: { readonly action: string; readonly errno: string },
): number {
  const value = lookup<number>(actions, name);
  if (value === undefined) {
    throw new RuntimeError('SECCOMP_UNKNOWN_ACTION', `string ${name} is not a valid action for seccomp`, {
      pointer: `${pointer}/${members.action}`,
    });
  }
  const takesNumber = value === actions.SCMP_ACT_ERRNO || value === actions.SCMP_ACT_TRACE;
  if (errno === undefined) return takesNumber ? value + EPERM : value;
  const refuse = (why: string): RuntimeError =>
    new RuntimeError('SECCOMP_BAD_ERRNO', `${members.errno} ${errno} ${why}`, { pointer: `${pointer}/${members.errno}` });
  if (!takesNumber) throw refuse(`does not go with ${name}, which returns no errno`);
  if (!Number.isInteger(errno) || errno < 0 || errno > 0xffff) throw refuse('is not a number of 16 bits');
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
  const kind = (action & 0xffff0000) >>> 0;
  const word = words.find(([value]) => value === kind)?.[1] ?? `0x${action.toString(16)}`;
  return kind === actions.SCMP_ACT_ERRNO || kind === actions.SCMP_ACT_TRACE ? `${word}(${action & 0xffff})` : word;
}
