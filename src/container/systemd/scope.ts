import { messageOf, RuntimeError } from '../../errors.ts';
import type { HostFacts } from '../../host/facts.ts';
import { addon } from '../../native/addon.ts';
import { isSystemError } from '../../native/system-error.ts';
import type { ScopePlace, SystemdUnit } from '../../plan/cgroups/systemd/unit.ts';
import { isRootless } from '../../plan/context.ts';
import type { BusValue, UnitProperty } from '../../spec/unit-properties.ts';
import type { Context } from '../context.ts';
import { BusError } from './dbus/error.ts';
import { callManager, managerProperty } from './dbus/systemd1.ts';

/** How a user comes by a manager of his own. */
const SESSION =
  'it runs while the user is logged in (su(1) and sudo(8) do not do that), or always after `loginctl enable-linger USER`, and is found by XDG_RUNTIME_DIR=/run/user/UID';

/** How long the manager gets for an answer, and for a job, in milliseconds. */
const TIMEOUT_MS = 30_000;

/** What the bus answered, by the last word of the error's name. */
const isAnswer = (error: unknown, name: string): boolean => messageOf(error).includes(`org.freedesktop.systemd1.${name}`);

/** There is systemd where this is (sd_booted(3)); the system's manager makes it. */
export const BOOTED = '/run/systemd/system';

/**
 * Cgroup of the user's manager that containers are put under. Undefined when the system's is to be asked, or the systemd driver was not asked for.
 * @throws RuntimeError SYSTEMD_MISSING
 */
export function managerCgroup({ cgroupDriver }: Context, facts: HostFacts): string | undefined {
  if (cgroupDriver !== 'systemd') return undefined;
  const hint = 'let the runtime make the cgroups itself: --cgroup-manager cgroupfs';
  const booted = addon.stat(BOOTED, true);
  if (!booted) {
    throw new RuntimeError('SYSTEMD_MISSING', 'systemd not running on this host, cannot use systemd cgroups manager', { hint });
  }
  // Root of a user namespace in which systemd was booted is to that system what root is to the host: whoever else's it is, its owner has no id here.
  if (!isRootless(facts) || (facts.euid === 0 && booted.uid === 0)) return undefined;
  try {
    return managerProperty(true, 'ControlGroup', TIMEOUT_MS).replace(/\/$/, '');
  } catch (error) {
    const message = `the systemd manager of the user does not answer: ${messageOf(error)}`;
    throw new RuntimeError('SYSTEMD_MISSING', message, { hint: `${SESSION}; or ${hint}`, cause: error });
  }
}

function call(user: boolean, method: string, signature: string, values: readonly BusValue[], job: boolean): string | undefined {
  return callManager({ user, method, signature, arguments: values, job, timeoutMs: TIMEOUT_MS });
}

/**
 * Starts the scope of a container with its process in it.
 * @throws RuntimeError SYSTEMD_FAILED
 */
export function startScope({ name, user }: ScopePlace, properties: readonly UnitProperty[], pid: number): void {
  const start = (known: readonly UnitProperty[]): string | undefined => {
    const all: UnitProperty[] = [['PIDs', ['au', [pid]]], ...known];
    return call(user, 'StartTransientUnit', 'ssa(sv)a(sa(sv))', [name, 'replace', all, []], true);
  };
  let result: string | undefined;
  try {
    result = startAgain(name, user, () => withKnown(properties, start));
  } catch (error) {
    throw failure(`unable to start unit ${JSON.stringify(name)}`, error);
  }
  if (result !== 'done') {
    resetFailed({ name, user });
    throw new RuntimeError('SYSTEMD_FAILED', `unable to start unit ${JSON.stringify(name)}: the job is ${result}`);
  }
}

/** Properties of newer managers for what is also in a control file, which older ones do not touch: a policy for memory, an idle cgroup. */
const isOptional = ([name, [, value]]: UnitProperty): boolean => name === 'OOMPolicy' || (name === 'CPUWeight' && value === 0n);

/** Leaves out what an older manager does not know, and can do without. */
function withKnown<T>(properties: readonly UnitProperty[], tell: (known: readonly UnitProperty[]) => T): T {
  try {
    return tell(properties);
  } catch (error) {
    const known = properties.filter((property) => !isOptional(property));
    const named = properties.find((property) => isOptional(property) && messageOf(error).includes(property[0]));
    if (named === undefined) throw error;
    return tell(known);
  }
}

/** A unit of that name that has failed stays until somebody resets it. */
function startAgain(name: string, user: boolean, start: () => string | undefined): string | undefined {
  try {
    return start();
  } catch (error) {
    if (!isAnswer(error, 'UnitExists')) throw error;
    resetFailed({ name, user });
    return start();
  }
}

/** @returns what was caught itself, when it is neither a failed call nor an answer of systemd */
function failure(what: string, error: unknown): unknown {
  if (!(isSystemError(error) || error instanceof BusError)) return error;
  return new RuntimeError('SYSTEMD_FAILED', `${what}: ${error.message}`, { errno: error.code, syscall: error.syscall, cause: error });
}

/**
 * Has the manager move a process into a scope.
 * @param below path of a cgroup in that of the scope, "" for that itself
 * @throws RuntimeError SYSTEMD_FAILED
 */
export function attachToScope({ name, user }: SystemdUnit, below: string, pid: number): void {
  try {
    call(user, 'AttachProcessesToUnit', 'ssau', [name, below, [pid]], false);
  } catch (error) {
    throw failure(`unable to attach process ${pid} to unit ${JSON.stringify(name)}`, error);
  }
}

/**
 * Changes properties of a running scope, until it ends.
 * @throws RuntimeError SYSTEMD_FAILED
 */
export function setProperties({ name, user }: SystemdUnit, properties: readonly UnitProperty[]): void {
  if (properties.length === 0) return;
  try {
    withKnown(properties, (known) => known.length > 0 && call(user, 'SetUnitProperties', 'sba(sv)', [name, true, known], false));
  } catch (error) {
    throw failure(`unable to set properties of ${JSON.stringify(name)}`, error);
  }
}

/**
 * Stops the scope; its processes are gone already, so that this only makes systemd forget it.
 * @throws RuntimeError SYSTEMD_FAILED
 */
export function stopScope(unit: SystemdUnit): void {
  try {
    call(unit.user, 'StopUnit', 'ss', [unit.name, 'replace'], true);
  } catch (error) {
    if (!isAnswer(error, 'NoSuchUnit')) throw failure(`unable to stop unit ${JSON.stringify(unit.name)}`, error);
  }
  resetFailed(unit);
}

/** A scope whose process was killed for want of memory counts as failed, and would keep its name. */
function resetFailed({ name, user }: SystemdUnit): void {
  try {
    call(user, 'ResetFailedUnit', 's', [name], false);
  } catch (error) {
    if (!isAnswer(error, 'NoSuchUnit')) throw failure(`unable to reset unit ${JSON.stringify(name)}`, error);
  }
}
