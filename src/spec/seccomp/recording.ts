import { RuntimeError } from '../../errors.ts';
import { EPERM } from '../../kernel.gen.ts';
import { exactJson } from '../exact-json.ts';
import type { LinuxSeccomp, LinuxSeccompAction, LinuxSyscall } from '../types.ts';
import { relatedArchitectures } from './architectures.ts';
import { namedCalls, type SystemCall } from './recorded-calls.ts';
import { runtimeCalls } from './runtime-calls.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

type Action = Pick<LinuxSyscall, 'action'> & { readonly errnoRet?: number | undefined };

const permits = (action: LinuxSeccompAction): boolean => action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG';

const unrecordable = (pointer: string, why: string): RuntimeError =>
  new RuntimeError('SECCOMP_UNRECORDABLE', `system calls cannot be recorded under this profile: ${why}`, { pointer });

/** @throws RuntimeError SECCOMP_UNRECORDABLE */
function checkRecordable({ defaultAction, syscalls = [] }: LinuxSeccomp): void {
  if (defaultAction === 'SCMP_ACT_TRACE') throw unrecordable('/linux/seccomp/defaultAction', 'it has a tracer already');
  for (const [index, { action, args = [] }] of syscalls.entries()) {
    const pointer = `/linux/seccomp/syscalls/${index}`;
    if (action === 'SCMP_ACT_TRACE') throw unrecordable(pointer, 'it has a tracer already');
    if (action === 'SCMP_ACT_NOTIFY') throw unrecordable(pointer, 'what an agent answers for does not become known');
    if (permits(defaultAction) && !permits(action) && args.length > 0) {
      throw unrecordable(pointer, 'it refuses a call by its arguments, and no profile that refuses by default could permit the rest of it');
    }
  }
}

/**
 * The profile under which calls are recorded: whoever makes one that is permitted is stopped for a tracer first. What is refused stays so.
 * @param seccomp the container's own; absent: nothing is refused
 * @param machine what `uname -m` says
 * @throws RuntimeError SECCOMP_UNRECORDABLE
 */
export function tracedProfile(seccomp: LinuxSeccomp | undefined, machine: string): LinuxSeccomp {
  const trace = 'SCMP_ACT_TRACE' as const;
  if (!seccomp) return { defaultAction: trace, architectures: relatedArchitectures(machine).map(({ name }) => name) };
  checkRecordable(seccomp);
  const { syscalls = [], defaultErrnoRet, ...rest } = seccomp;
  return {
    ...rest,
    ...(permits(rest.defaultAction) ? { defaultAction: trace } : defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    syscalls: syscalls.map((rule) => (permits(rule.action) ? { ...rule, action: trace } : rule)),
  };
}

const same = (a: Action, b: Action): boolean => a.action === b.action && (a.errnoRet ?? EPERM) === (b.errnoRet ?? EPERM);
const sorted = <T extends string>(words: Iterable<T>): T[] => [...new Set(words)].sort();

/** One rule for all that is simply permitted, first; the others as they are, each once. */
function written(permitted: Iterable<string>, others: readonly LinuxSyscall[]): LinuxSyscall[] {
  const names = sorted(permitted);
  const texts = new Set<string>();
  const distinct = others.filter((rule) => {
    const text = exactJson(rule);
    return !texts.has(text) && texts.add(text);
  });
  return [...(names.length > 0 ? [{ names, action: 'SCMP_ACT_ALLOW' as const }] : []), ...distinct];
}

const isPlain = ({ action, args = [] }: LinuxSyscall): boolean => action === 'SCMP_ACT_ALLOW' && args.length === 0;

/** What a recorded profile permits, within what the container's own does. */
function rulesWithin(own: LinuxSeccomp, otherwise: Action, needed: ReadonlySet<string>): LinuxSyscall[] {
  const { syscalls = [], defaultAction } = own;
  const permitted: string[] = [];
  const others: LinuxSyscall[] = [];
  const named = new Set<string>();
  for (const rule of syscalls) {
    for (const name of rule.names) named.add(name);
    const names = permits(rule.action) ? rule.names.filter((name) => needed.has(name)) : rule.names;
    if (isPlain(rule)) permitted.push(...names);
    else if (names.length > 0 && !((rule.args ?? []).length === 0 && same(rule, otherwise))) others.push({ ...rule, names });
  }
  if (permits(defaultAction)) for (const name of needed) if (!named.has(name)) permitted.push(name);
  return written(permitted, others);
}

/** What was recorded of a container. */
export interface RecordedRun {
  readonly calls: readonly SystemCall[];
  /** Its own profile, absent: it had none. */
  readonly own: LinuxSeccomp | undefined;
  /** What `uname -m` says. */
  readonly machine: string;
  readonly noNewPrivileges: boolean;
}

/**
 * The smallest profile with which a container can do again what it did, and a runtime make it. What its own profile refuses stays refused.
 * @returns with the calls that have no name, which no profile can permit
 */
export function smallestProfile({ calls, own, machine, noNewPrivileges }: RecordedRun): {
  readonly profile: LinuxSeccomp;
  readonly nameless: readonly string[];
} {
  const { names, architectures, nameless } = namedCalls(calls, machine);
  const served = relatedArchitectures(machine).filter(({ name }, index) => index === 0 || architectures.has(name));
  const known = new Set<string>();
  for (const { table } of served) forEachSyscall(table, (name) => known.add(name));
  const needed = new Set([...names, ...runtimeCalls(noNewPrivileges).filter((name) => known.has(name))]);
  const refusal: Action =
    own && !permits(own.defaultAction)
      ? { action: own.defaultAction, ...(own.defaultErrnoRet === undefined ? {} : { errnoRet: own.defaultErrnoRet }) }
      : { action: 'SCMP_ACT_ERRNO' };
  const profile: LinuxSeccomp = {
    defaultAction: refusal.action,
    ...(refusal.errnoRet === undefined ? {} : { defaultErrnoRet: refusal.errnoRet }),
    architectures: served.map(({ name }) => name),
    ...(own?.flags ? { flags: own.flags } : {}),
    syscalls: own ? rulesWithin(own, refusal, needed) : written(needed, []),
  };
  return { profile, nameless };
}

/**
 * A profile with which a container can do what either permits.
 * @throws RuntimeError SECCOMP_PROFILE_UNUSABLE when they refuse in different ways
 */
export function mergedProfile(profile: LinuxSeccomp, earlier: LinuxSeccomp): LinuxSeccomp {
  const { defaultAction, defaultErrnoRet } = profile;
  if (!same({ action: defaultAction, errnoRet: defaultErrnoRet }, { action: earlier.defaultAction, errnoRet: earlier.defaultErrnoRet })) {
    const message = 'profiles that refuse in different ways cannot be merged';
    throw new RuntimeError('SECCOMP_PROFILE_UNUSABLE', message, { pointer: '/defaultAction' });
  }
  const rules = [...(earlier.syscalls ?? []), ...(profile.syscalls ?? [])];
  return {
    ...profile,
    architectures: [...new Set([...(profile.architectures ?? []), ...(earlier.architectures ?? [])])],
    syscalls: written(
      rules.filter(isPlain).flatMap(({ names }) => names),
      rules.filter((rule) => !isPlain(rule)),
    ),
  };
}
