import { effectiveIn } from '../../host/probe.ts';
import { addon } from '../../native/addon.ts';
import { capabilityBit } from '../../plan/process/capabilities.ts';
import { fromProc, type ReadFile } from './user-namespace.ts';

/** What is known of a failure, whatever it was about. */
export interface Refused {
  /** Symbolic errno. */
  readonly errno?: string | undefined;
  readonly syscall?: string | undefined;
  readonly hint?: string | undefined;
}

const PRIVILEGED =
  'give the outer container --privileged (of Docker or Podman), or `privileged: true` in its securityContext (of Kubernetes)';

const FILTER =
  'a seccomp filter around runts, as engines give it to their containers, may forbid the call: give the outer container a profile that allows it, or --security-opt seccomp=unconfined (of Kubernetes: seccompProfile of the type Unconfined)';

/** Why what root may do is forbidden to us: an engine has made the container that we are in. */
function notPermitted(read: ReadFile): string | undefined {
  const status = read('/proc/self/status') ?? '';
  const effective = effectiveIn(status);
  const lacks = effective !== undefined && (effective & capabilityBit('CAP_SYS_ADMIN')) === 0n;
  if (lacks && addon.geteuid() === 0) return `runts has no CAP_SYS_ADMIN here, as in a container that is not privileged: ${PRIVILEGED}`;
  return /^Seccomp:\t2$/m.test(status) ? FILTER : undefined;
}

function tooManyFiles(read: ReadFile): string {
  const [, limit = 'few'] = /^Max open files +(\d+) /m.exec(read('/proc/self/limits') ?? '') ?? [];
  return `runts may have ${limit} descriptors open: raise the limit by \`ulimit -n\`, LimitNOFILE= of a unit, or --ulimit nofile= of the outer container; runts needs 64`;
}

const TOO_MANY_PROCESSES =
  'a limit of processes is reached: pids.max of a cgroup that runts is in (--pids-limit of the outer container, TasksMax= of a unit), or `ulimit -u` of the user';

/** The machine's part in a failure and what to do about it; undefined where it has none that is known. */
function cause({ errno, syscall, hint }: Refused, read: ReadFile): string | undefined {
  switch (errno) {
    case 'EPERM':
      return notPermitted(read);
    case 'EMFILE':
      return tooManyFiles(read);
    case 'EAGAIN':
      // Whoever has a hint has looked at the container's own cgroup, and found that.
      return syscall?.startsWith('clone') && hint === undefined ? TOO_MANY_PROCESSES : undefined;
    default:
      return undefined;
  }
}

/**
 * What to do about a failure that may be due to what is around the runtime: a container that an engine has made, limits, the machine's settings.
 * @returns the hint that the failure has already, with that behind it
 */
export function withSurroundings(refused: Refused, read: ReadFile = fromProc): string | undefined {
  const { hint } = refused;
  const around = cause(refused, read);
  if (around === undefined) return hint;
  // The rest has looked for itself.
  if (hint === undefined) return around;
  return hint.includes('seccomp') ? hint : `${hint}; or ${around}`;
}
