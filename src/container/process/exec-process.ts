import { RuntimeError } from '../../errors.ts';
import { Report } from '../../spec/findings.ts';
import { checkEnvironment } from '../../spec/rules/environment.ts';
import { checkCwd } from '../../spec/rules/process.ts';
import type { LinuxCapabilities, Process, Spec, User } from '../../spec/types.ts';
import type { Stdio } from '../init/created.ts';

/** A process that is to run in a container that is there. */
export interface ExecRequest {
  readonly id: string;
  /** A process object; what it leaves out, and without it all but the flags, is the container's. */
  readonly process?: Process;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: readonly string[];
  readonly tty: boolean;
  /** Of its terminal, in characters; absent: that of the container's process. */
  readonly consoleSize?: NonNullable<Process['consoleSize']>;
  readonly user?: { readonly uid: number; readonly gid?: number };
  readonly additionalGids: readonly number[];
  readonly detach: boolean;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly pidfdSocket?: string;
  readonly processLabel?: string;
  readonly apparmor?: string;
  readonly noNewPrivileges: boolean;
  readonly caps: readonly string[];
  readonly preserveFds: number;
  readonly ignorePaused: boolean;
  readonly cgroup: readonly string[];
  /** Descriptors that become its standard streams; absent: those of the caller, or pipes to them. */
  readonly stdio?: Stdio;
}

/**
 * The process that exec starts: the one of the file, or the container's with the flags laid over it.
 * @throws RuntimeError PROCESS_MISSING, INVALID_PROCESS
 */
export function execProcess(spec: Spec, request: ExecRequest): Process {
  const template = spec.process;
  if (request.process) return template ? completed(request.process, template) : request.process;
  if (!template) throw new RuntimeError('PROCESS_MISSING', 'process property must be set', { pointer: '/process' });
  checkFlags(request);
  // consoleSize, scheduler and the like stay those of the container; its terminal does not.
  const { selinuxLabel, apparmorProfile, ...rest } = template;
  const label = request.processLabel ?? selinuxLabel;
  const profile = request.apparmor ?? apparmorProfile;
  return {
    ...rest,
    args: request.args,
    cwd: request.cwd || template.cwd,
    env: [...(template.env ?? []), ...request.env],
    terminal: request.tty,
    ...(request.consoleSize === undefined ? {} : { consoleSize: request.consoleSize }),
    user: userOf(template.user ?? {}, request),
    noNewPrivileges: request.noNewPrivileges || template.noNewPrivileges === true,
    ...(label === undefined ? {} : { selinuxLabel: label }),
    ...(profile === undefined ? {} : { apparmorProfile: profile }),
    ...(template.capabilities || request.caps.length > 0
      ? { capabilities: withCapabilities(template.capabilities ?? {}, request.caps) }
      : {}),
  };
}

/** What a flag says is held to the rules of the member that it replaces. */
function checkFlags({ env, cwd }: ExecRequest): void {
  const report = new Report();
  checkEnvironment(env, '/env', report);
  if (cwd) checkCwd(cwd, '/cwd', report);
  const [problem] = report.problems;
  if (problem) throw new RuntimeError('INVALID_PROCESS', problem.message, problem.hint === undefined ? {} : { hint: problem.hint });
}

/**
 * A file that says nothing of a restriction does not lift it: the container's holds, as with runc and crun. Lists and labels that are empty
 * say nothing either: that is how Go writes what is not set. Environment and terminal are the file's alone.
 */
function completed(file: Process, template: Process): Process {
  const { user, capabilities, rlimits, noNewPrivileges, apparmorProfile, selinuxLabel } = template;
  const { oomScoreAdj, scheduler, ioPriority, execCPUAffinity } = template;
  const rest = { capabilities, noNewPrivileges, oomScoreAdj, scheduler, ioPriority, execCPUAffinity };
  return {
    ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Partial<Process>),
    ...file,
    ...(user === undefined ? {} : { user: completedUser(file.user, user) }),
    ...(rlimits && !file.rlimits?.length ? { rlimits } : {}),
    ...(apparmorProfile && !file.apparmorProfile ? { apparmorProfile } : {}),
    ...(selinuxLabel && !file.selinuxLabel ? { selinuxLabel } : {}),
  };
}

/** Groups belong to the user that is named, so a user of the file brings none of the container's. */
function completedUser(user: User | undefined, template: User): User {
  if (!user) return template;
  const { additionalGids, ...rest } = template;
  return { ...rest, ...user };
}

function userOf(template: User, { user, additionalGids }: ExecRequest): User {
  const gids = [...(template.additionalGids ?? []), ...additionalGids];
  const ids = user ? { uid: user.uid, gid: user.gid ?? template.gid ?? 0 } : {};
  return { ...template, ...ids, ...(gids.length > 0 ? { additionalGids: gids } : {}) };
}

/** `--cap` adds to bounding, effective and permitted, to ambient only where inheritable is in use, and never to inheritable (CVE-2022-29162). */
function withCapabilities(template: LinuxCapabilities, added: readonly string[]): LinuxCapabilities {
  if (added.length === 0) return template;
  const join = (set: readonly string[] | undefined): string[] => [...new Set([...(set ?? []), ...added])];
  return {
    ...template,
    bounding: join(template.bounding),
    effective: join(template.effective),
    permitted: join(template.permitted),
    ...((template.inheritable ?? []).length > 0 ? { ambient: join(template.ambient) } : {}),
  };
}
