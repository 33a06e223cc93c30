import { errnoNumber, errnoText } from '../../../errno.ts';

/** A call over D-Bus failed other than by a system call: what the addon throws is a SystemError with the same fields. */
export class BusError extends Error {
  /** Symbolic errno, e.g. "EBADMSG". */
  readonly code: string;
  /** The member that was called, or what was done instead. */
  readonly syscall: string;

  constructor(code: string, syscall: string, detail = '') {
    super(`${code}: ${errnoText(errnoNumber(code))}, ${syscall}${detail && `: ${detail}`}`);
    this.code = code;
    this.syscall = syscall;
  }
}

/** What the peer sent is no D-Bus. */
export function malformed(detail: string): BusError {
  return new BusError('EBADMSG', 'D-Bus message', detail);
}

/** The errno of an error's name, as sd-bus-errors(3) has them, without what the names have in front. */
const codes: ReadonlyMap<string, string> = new Map([
  ['DBus.Error.AccessDenied', 'EACCES'],
  ['DBus.Error.AuthFailed', 'EACCES'],
  ['DBus.Error.Disconnected', 'ECONNRESET'],
  ['DBus.Error.Failed', 'EACCES'],
  ['DBus.Error.FileExists', 'EEXIST'],
  ['DBus.Error.FileNotFound', 'ENOENT'],
  ['DBus.Error.InteractiveAuthorizationRequired', 'EACCES'],
  ['DBus.Error.InvalidArgs', 'EINVAL'],
  ['DBus.Error.InvalidSignature', 'EINVAL'],
  ['DBus.Error.LimitsExceeded', 'ENOBUFS'],
  ['DBus.Error.NameHasNoOwner', 'ENXIO'],
  ['DBus.Error.NoMemory', 'ENOMEM'],
  ['DBus.Error.NoReply', 'ETIMEDOUT'],
  ['DBus.Error.NotSupported', 'EOPNOTSUPP'],
  ['DBus.Error.PropertyReadOnly', 'EROFS'],
  ['DBus.Error.ServiceUnknown', 'EHOSTUNREACH'],
  ['DBus.Error.TimedOut', 'ETIMEDOUT'],
  ['DBus.Error.Timeout', 'ETIMEDOUT'],
  ['DBus.Error.UnixProcessIdUnknown', 'ESRCH'],
  ['DBus.Error.UnknownInterface', 'EBADR'],
  ['DBus.Error.UnknownMethod', 'EBADR'],
  ['DBus.Error.UnknownObject', 'EBADR'],
  ['DBus.Error.UnknownProperty', 'EBADR'],
  ['systemd1.BadUnitSetting', 'ENOEXEC'],
  ['systemd1.JobFailed', 'EREMOTEIO'],
  ['systemd1.LoadFailed', 'EIO'],
  ['systemd1.NoSuchUnit', 'ENOENT'],
  ['systemd1.OnlyByDependency', 'EINVAL'],
  ['systemd1.TransactionIsDestructive', 'EDEADLK'],
  ['systemd1.TransactionJobsConflicting', 'EDEADLK'],
  ['systemd1.TransactionOrderIsCyclic', 'EDEADLK'],
  ['systemd1.UnitExists', 'EEXIST'],
  ['systemd1.UnitMasked', 'ERFKILL'],
]);

/** The error for an ERROR message that answered the call of `member`; EIO unless its name has an errno. */
export function answeredError(member: string, name: string, text: string): BusError {
  const own = /^System\.Error\.(E[A-Z0-9]+)$/.exec(name)?.[1] ?? '';
  const code = errnoNumber(own) > 0 ? own : (codes.get(name.replace(/^org\.freedesktop\./, '')) ?? 'EIO');
  return new BusError(code, member, text === '' ? name : `${name}: ${text}`);
}
