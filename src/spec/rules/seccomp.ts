import { each, type Report } from '../findings.ts';
import { seccompFault } from '../seccomp/seccomp.ts';
import type { LinuxSeccomp, LinuxSeccompAction, LinuxSyscall } from '../types.gen.ts';

/** The kernel's highest errno (MAX_ERRNO). */
const MAX_ERRNO = 4095;

function checkErrno(action: LinuxSeccompAction, errno: number | undefined, place: string, report: Report): void {
  if (errno === undefined) return;
  if (action !== 'SCMP_ACT_ERRNO' && action !== 'SCMP_ACT_TRACE') {
    report.mend(place, 'CONFLICT', `seccomp action ${action} takes no errno`, undefined, 'only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do');
  } else if (action === 'SCMP_ACT_ERRNO' ? errno > MAX_ERRNO : errno > 65535) {
    report.error(place, 'OUT_OF_RANGE', `seccomp errno ${errno} is out of range`);
  }
}

function checkSyscall(syscall: LinuxSyscall, place: string, report: Report): void {
  if (syscall.names.length === 0) {
    report.tolerate(`${place}/names`, 'EMPTY', 'a seccomp rule must name at least one syscall', 'the rule is ignored');
    report.drop(place);
  }
  const empty = syscall.names.indexOf('');
  if (empty >= 0) report.error(`${place}/names/${empty}`, 'EMPTY', 'the name of a syscall must not be empty');
  checkErrno(syscall.action, syscall.errnoRet, `${place}/errnoRet`, report);
  for (const [{ index }, at] of each(syscall.args, `${place}/args`)) {
    if (index > 5) report.error(`${at}/index`, 'OUT_OF_RANGE', `seccomp argument index ${index} must be 0 to 5`);
  }
}

function checkListener(seccomp: LinuxSeccomp, notifies: boolean, report: Report): void {
  const at = '/linux/seccomp';
  const hasListener = (seccomp.listenerPath ?? '') !== '';
  if (notifies && !hasListener) {
    report.error(`${at}/listenerPath`, 'NEEDS_PROPERTY', 'SCMP_ACT_NOTIFY needs seccomp.listenerPath');
  }
  if ((seccomp.listenerMetadata ?? '') !== '' && !hasListener) {
    report.mend(`${at}/listenerMetadata`, 'NEEDS_PROPERTY', 'seccomp.listenerMetadata needs seccomp.listenerPath', undefined);
  }
  if (seccomp.flags?.includes('SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV') === true && !notifies) {
    report.error(`${at}/flags`, 'NEEDS_PROPERTY', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with SCMP_ACT_NOTIFY');
  }
}

/** The seccomp filter (LNX-146 to LNX-170). Unknown syscall names are no error (ENG-019). */
export function checkSeccomp(seccomp: LinuxSeccomp | undefined, report: Report): void {
  if (seccomp === undefined) return;
  const { defaultAction } = seccomp;
  if (defaultAction === 'SCMP_ACT_NOTIFY') {
    report.error('/linux/seccomp/defaultAction', 'UNSUPPORTED', 'SCMP_ACT_NOTIFY cannot be used as default action');
  }
  checkErrno(defaultAction, seccomp.defaultErrnoRet, '/linux/seccomp/defaultErrnoRet', report);
  let notifies = false;
  for (const [syscall, place] of each(seccomp.syscalls, '/linux/seccomp/syscalls')) {
    checkSyscall(syscall, place, report);
    notifies ||= syscall.action === 'SCMP_ACT_NOTIFY';
  }
  checkListener(seccomp, notifies, report);
  if (!report.tolerant) foretellFault(seccomp, report);
}

/** What comes out only when the rules of one call are held against each other. */
function foretellFault(seccomp: LinuxSeccomp, report: Report): void {
  // Of a profile with other faults nothing can be made.
  if (report.problems.some(({ pointer }) => pointer.startsWith('/linux/seccomp'))) return;
  const fault = seccompFault(seccomp);
  if (fault === undefined) return;
  const code = fault.code === 'SECCOMP_TOO_LARGE' ? 'SECCOMP_TOO_LARGE' : 'SECCOMP_CONFLICT';
  report.foretell(fault.pointer ?? '/linux/seccomp', code, fault.message);
}
