import type { LinuxSeccomp, LinuxSyscall } from '../types.ts';
import { unvalidated } from '../unvalidated.ts';
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

function conditionSets(args: LinuxSyscall['args']): Condition[][] {
  const conditions = (args ?? []).map(resolveCondition);
  if (conditions.length === 0) return [[]];
  conditions.sort((a, b) => a.argument - b.argument);
  const repeated = new Set(conditions.map(({ argument }) => argument)).size < conditions.length;
  // Two tests of one argument have always meant "either" (runc), whatever the specification says of `args`.
  return repeated ? conditions.map((condition) => [condition]) : [conditions];
}

/** Looks up every word of a profile. */
export function resolveProfile(seccomp: LinuxSeccomp): Profile {
  const defaultAction = resolveAction(seccomp.defaultAction, seccomp.defaultErrnoRet);
  if (defaultAction === notify) throw unvalidated('an agent is asked about every call');
  const rules = new Map<string, readonly Rule[]>();
  let listener = false;
  for (const [index, { names, action: word, errnoRet, args }] of (seccomp.syscalls ?? []).entries()) {
    const pointer = `${where}/syscalls/${index}`;
    const action = resolveAction(word, errnoRet);
    const sets = conditionSets(args);
    listener ||= action === notify;
    // A rule that says what happens anyway is none (runc): it neither hides other rules nor is hidden by them.
    const own = action === defaultAction ? [] : sets.map((conditions) => ({ action, conditions, pointer }));
    for (const name of names) {
      const before = rules.get(name);
      rules.set(name, before && before.length > 0 ? [...before, ...own] : own);
    }
  }
  if (listener && !seccomp.listenerPath) throw unvalidated('there is no agent to ask');
  return { defaultAction, rules, listener };
}

/** Where a profile names a system call first. */
export function pointerOfName(seccomp: LinuxSeccomp, name: string): string {
  const index = (seccomp.syscalls ?? []).findIndex(({ names }) => names.includes(name));
  return `${where}/syscalls/${index}/names/${seccomp.syscalls?.[index]?.names.indexOf(name)}`;
}
