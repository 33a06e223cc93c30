import { RuntimeError } from '../../errors.ts';
import type { LinuxSeccomp, LinuxSyscall } from '../../spec/types.ts';
import { notify, resolveAction } from './actions.ts';
import { type Condition, resolveCondition } from './conditions.ts';

/** One way a system call can match; no condition: always. */
export interface Rule {
  /** SECCOMP_RET_*. */
  readonly action: number;
  /** All must hold; sorted by argument, one for each. */
  readonly conditions: readonly Condition[];
  /** JSON pointer of the member of `syscalls`. */
  readonly pointer: string;
}

/** A profile with its words looked up, before any architecture is looked at. */
export interface Profile {
  readonly defaultAction: number;
  /** By name of the system call, in the order of the profile; empty when all the profile says is the default action. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  /** Some rule asks the listener. */
  readonly listener: boolean;
}

const where = '/linux/seccomp';

function conditionSets(args: LinuxSyscall['args'], pointer: string): Condition[][] {
  const conditions = (args ?? []).map((arg, index) => resolveCondition(arg, `${pointer}/args/${index}`));
  if (conditions.length === 0) return [[]];
  conditions.sort((a, b) => a.argument - b.argument);
  const repeated = new Set(conditions.map(({ argument }) => argument)).size < conditions.length;
  // Two tests of one argument have always meant "either" (runc), whatever the specification says of `args`.
  return repeated ? conditions.map((condition) => [condition]) : [conditions];
}

function checkNotify(seccomp: LinuxSeccomp, pointer: string): void {
  if (seccomp.listenerPath) return;
  throw new RuntimeError('SECCOMP_NO_LISTENER', 'seccomp listenerPath is not set, but SCMP_ACT_NOTIFY is used', {
    pointer: `${pointer}/action`,
  });
}

function checkDefault(seccomp: LinuxSeccomp, defaultAction: number): void {
  if (defaultAction === notify) {
    throw new RuntimeError('SECCOMP_NOTIFY_DEFAULT', 'SCMP_ACT_NOTIFY cannot be used as default action', {
      pointer: `${where}/defaultAction`,
    });
  }
  if (seccomp.listenerMetadata && !seccomp.listenerPath) {
    throw new RuntimeError('SECCOMP_NO_LISTENER', 'seccomp listenerMetadata is set, but listenerPath is not', {
      pointer: `${where}/listenerMetadata`,
    });
  }
}

/**
 * Looks up every word of a profile.
 * @throws RuntimeError SECCOMP_UNKNOWN_ACTION, SECCOMP_BAD_ERRNO, SECCOMP_UNKNOWN_OPERATOR, SECCOMP_BAD_INDEX, SECCOMP_BAD_VALUE,
 * SECCOMP_EMPTY_NAMES, SECCOMP_NO_LISTENER, SECCOMP_NOTIFY_DEFAULT
 */
export function resolveProfile(seccomp: LinuxSeccomp): Profile {
  const members = { action: 'defaultAction', errno: 'defaultErrnoRet' };
  const defaultAction = resolveAction(seccomp.defaultAction, seccomp.defaultErrnoRet, where, members);
  checkDefault(seccomp, defaultAction);
  const rules = new Map<string, readonly Rule[]>();
  let listener = false;
  for (const [index, { names, action: word, errnoRet, args }] of (seccomp.syscalls ?? []).entries()) {
    const pointer = `${where}/syscalls/${index}`;
    const action = resolveAction(word, errnoRet, pointer, { action: 'action', errno: 'errnoRet' });
    const sets = conditionSets(args, pointer);
    if (names.length === 0) throw new RuntimeError('SECCOMP_EMPTY_NAMES', 'seccomp rule without a name', { pointer: `${pointer}/names` });
    if (action === notify) {
      checkNotify(seccomp, pointer);
      listener = true;
    }
    // A rule that says what happens anyway is none (runc): it neither hides other rules nor is hidden by them.
    const own = action === defaultAction ? [] : sets.map((conditions) => ({ action, conditions, pointer }));
    for (const name of names) {
      const before = rules.get(name);
      rules.set(name, before && before.length > 0 ? [...before, ...own] : own);
    }
  }
  return { defaultAction, rules, listener };
}

/** Where a profile names a system call first. */
export function pointerOfName(seccomp: LinuxSeccomp, name: string): string {
  const index = (seccomp.syscalls ?? []).findIndex(({ names }) => names.includes(name));
  return `${where}/syscalls/${index}/names/${seccomp.syscalls?.[index]?.names.indexOf(name)}`;
}
