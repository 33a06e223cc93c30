import { NGROUPS_MAX, rlimitNumbers } from '../../kernel.gen.ts';
import { each, type Report } from '../findings.ts';

import { didYouMean } from '../suggest.ts';
import type { LinuxIOPriority, Process, Scheduler, User } from '../types.gen.ts';
import { checkEnvironment } from './environment.ts';
import { isList } from './format.ts';

function checkRlimits(rlimits: Process['rlimits'], at: string, report: Report): void {
  const seen = new Map<string, string>();
  for (const [{ type, soft, hard }, place] of each(rlimits, at)) {
    if (!Object.hasOwn(rlimitNumbers, type)) {
      report.error(`${place}/type`, 'UNKNOWN_VALUE', `wrong rlimit value: ${type}`, didYouMean(type, Object.keys(rlimitNumbers)));
    }
    const earlier = seen.get(type);
    if (earlier !== undefined) {
      report.tolerate(place, 'DUPLICATE', `duplicated rlimit ${type}`, 'the last one counts');
      report.drop(earlier);
    }
    seen.set(type, place);
    if (soft > hard) report.error(`${place}/soft`, 'OUT_OF_RANGE', `soft limit ${soft} of ${type} is above its hard limit ${hard}`);
  }
}

/** Shortest runtime of SCHED_DEADLINE that the kernel tells from none, in nanoseconds (sched_setattr(2)). */
const SHORTEST_RUNTIME = 1024;

/** What the kernel demands of every deadline (sched(7)); flags that keep what a process has leave it to that. */
function checkDeadline({ runtime = 0, deadline = 0, period = 0, flags = [] }: Scheduler, at: string, report: Report): void {
  if (flags.includes('SCHED_FLAG_KEEP_PARAMS') || flags.includes('SCHED_FLAG_KEEP_POLICY')) return;
  const refuse = (member: string, why: string): void =>
    report.error(`${at}/${member}`, 'OUT_OF_RANGE', `invalid scheduler.${member}: ${why}`);
  if (runtime < SHORTEST_RUNTIME) refuse('runtime', `SCHED_DEADLINE needs ${SHORTEST_RUNTIME} nanoseconds or more, has ${runtime}`);
  if (deadline < runtime || deadline === 0) refuse('deadline', `${deadline} is below the runtime of ${runtime}`);
  if (period !== 0 && period < deadline) refuse('period', `${period} is below the deadline of ${deadline}`);
}

/** The kernel's (uid_t)-1: "leave unchanged", never an id. */
const NO_ID = 4294967295;

function checkUser(user: User | undefined, at: string, report: Report): void {
  if (user?.uid === NO_ID) report.error(`${at}/uid`, 'OUT_OF_RANGE', `uid ${NO_ID} is not a valid id`);
  if (user?.gid === NO_ID) report.error(`${at}/gid`, 'OUT_OF_RANGE', `gid ${NO_ID} is not a valid id`);
  for (const [gid, place] of each(user?.additionalGids, `${at}/additionalGids`)) {
    if (gid === NO_ID) report.error(place, 'OUT_OF_RANGE', `gid ${NO_ID} is not a valid id`);
  }
  const count = user?.additionalGids?.length ?? 0;
  if (count > NGROUPS_MAX) report.error(`${at}/additionalGids`, 'OUT_OF_RANGE', `${count} additional groups are more than ${NGROUPS_MAX}`);
  if ((user?.umask ?? 0) > 0o777) {
    const message = `umask ${user?.umask} is above 511 (0777)`;
    // umask(2) takes the permission bits alone.
    report.mend(`${at}/umask`, 'OUT_OF_RANGE', message, (user?.umask ?? 0) & 0o777, 'JSON numbers are decimal: 0022 is written 18');
  }
}

function checkScheduler(scheduler: Scheduler | undefined, at: string, report: Report): void {
  if (scheduler === undefined) return;
  const { policy, nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0 } = scheduler;
  if (nice < -20 || nice > 19) report.error(`${at}/nice`, 'OUT_OF_RANGE', `invalid scheduler.nice: ${nice}`, 'expected -20 to 19');
  const realtime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
  if (priority !== 0 && !realtime) {
    report.error(`${at}/priority`, 'CONFLICT', 'scheduler.priority can only be specified for SchedFIFO or SchedRR policy');
  } else if (realtime && (priority < 1 || priority > 99)) {
    report.error(`${at}/priority`, 'OUT_OF_RANGE', `invalid scheduler.priority: ${priority}`, `${policy} needs 1 to 99`);
  }
  const timed = [runtime, deadline, period].some((nanoseconds) => nanoseconds > 0);
  if (timed && policy !== 'SCHED_DEADLINE') {
    report.error(at, 'CONFLICT', 'scheduler runtime/deadline/period can only be specified for SchedDeadline policy');
  }
  if (policy === 'SCHED_DEADLINE') checkDeadline(scheduler, at, report);
  if (policy === 'SCHED_ISO')
    report.error(`${at}/policy`, 'UNSUPPORTED', 'scheduler policy SCHED_ISO does not exist in any mainline kernel');
}

function checkIoPriority(ioPriority: LinuxIOPriority | undefined, at: string, report: Report): void {
  if (ioPriority === undefined) return;
  const { priority } = ioPriority;
  if (priority < 0 || priority > 7)
    report.error(`${at}/priority`, 'OUT_OF_RANGE', `invalid ioPriority.Priority: ${priority}`, 'expected 0 to 7');
}

/** The working directory of a process (CFG-028). */
export function checkCwd(cwd: string, at: string, report: Report): void {
  if (cwd === '') report.error(at, 'EMPTY', 'Cwd property must not be empty');
  else if (!cwd.startsWith('/')) report.error(at, 'NOT_ABSOLUTE', 'Cwd must be an absolute path');
}

function checkBasics(process: Process, at: string, report: Report): void {
  if (process.args.length === 0) report.error(`${at}/args`, 'EMPTY', 'args must not be empty');
  else if (process.args[0] === '') report.error(`${at}/args/0`, 'EMPTY', EMPTY_PROGRAM);
  checkCwd(process.cwd, `${at}/cwd`, report);
  const { consoleSize } = process;
  // Without a terminal the size has no effect (CFG-027), so its range does not matter either.
  if (process.terminal === true && consoleSize !== undefined && (consoleSize.height > 65535 || consoleSize.width > 65535)) {
    report.error(`${at}/consoleSize`, 'OUT_OF_RANGE', 'consoleSize must be at most 65535 in each direction');
  }
}

/**
 * The process object of config.json (`at` = "/process") or of exec (`at` = "").
 */
/** The words of Go's os/exec first: engines tell by them that no program was found (status 127). */
const EMPTY_PROGRAM = 'exec: "": executable file not found in $PATH: the name of the program (args[0]) must not be empty';

export function checkProcess(process: Process, at: string, report: Report): void {
  checkBasics(process, at, report);
  checkEnvironment(process.env, `${at}/env`, report);
  checkRlimits(process.rlimits, `${at}/rlimits`, report);
  checkUser(process.user, `${at}/user`, report);
  checkScheduler(process.scheduler, `${at}/scheduler`, report);
  checkIoPriority(process.ioPriority, `${at}/ioPriority`, report);
  const { oomScoreAdj } = process;
  if (oomScoreAdj !== undefined && (oomScoreAdj < -1000 || oomScoreAdj > 1000)) {
    report.error(`${at}/oomScoreAdj`, 'OUT_OF_RANGE', `invalid oomScoreAdj ${oomScoreAdj}: expected -1000 to 1000`);
  }
  for (const when of ['initial', 'final'] as const) {
    const list = process.execCPUAffinity?.[when];
    if (list !== undefined && list !== '' && !isList(list)) {
      report.error(
        `${at}/execCPUAffinity/${when}`,
        'BAD_FORMAT',
        `bad CPU affinity ${JSON.stringify(list)}`,
        'expected a list like "0-3,7"',
      );
    }
  }
}
