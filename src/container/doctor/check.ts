import type { HostFacts } from '../../host/facts.ts';
import { effectiveIn } from '../../host/probe.ts';
import { capabilityBit } from '../../plan/process/capabilities.ts';
import type { ReadFile } from '../failure/user-namespace.ts';

/**
 * ok: there; limited: some containers do without, or less can be done; missing: no container can be made as long as it is so; note: neither good
 * nor bad.
 */
export type State = 'ok' | 'limited' | 'missing' | 'note';

/** One thing that was looked at. */
export interface Check {
  readonly topic: string;
  readonly subject: string;
  readonly state: State;
  /** What is there, in a few words. */
  readonly found: string;
  /** What it is needed for. */
  readonly why: string;
  /** The command or the setting that mends it; absent where nothing is lacking, or nothing can be done. */
  readonly mend?: string;
}

/** What of a bundle would not work on this machine, or not as it says. */
export interface BundleFinding {
  readonly severity: 'error' | 'warning';
  /** Of docs/errors.md. */
  readonly code: string;
  /** JSON pointer into config.json. */
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
}

/** The machine, as far as the checks look at it. */
export interface Machine {
  readonly facts: HostFacts;
  /** `uname -r`. */
  readonly release: string;
  readonly read: ReadFile;
  /** undefined: behind a directory that is not for the caller. */
  readonly exists: (path: string) => boolean | undefined;
  /** Why no user namespace can be made, and what mends it; absent: one can. */
  readonly noUserNamespace?: { readonly why: string; readonly hint?: string };
  /** Why root of a user namespace may do nothing in it; absent: he may. */
  readonly noRights?: string;
  /** Whether a cgroup can be made where containers get theirs. */
  readonly makesCgroups: boolean;
  /** Version of systemd's manager, or why it does not answer; absent: systemd is not running. */
  readonly manager?: { readonly version?: string; readonly why?: string };
  readonly criu?: string;
  /** Subordinate ids of the user, and programs that map them which are not there. */
  readonly ranges: { readonly uids: number; readonly gids: number; readonly lacking: readonly string[] };
}

/** Whether the caller has the rights of the host's root, or of whoever made the container around, without a user namespace of a container. */
export function isPrivileged({ facts, read }: Machine): boolean {
  const bit = capabilityBit('CAP_SYS_ADMIN');
  return facts.euid === 0 && ((effectiveIn(read('/proc/self/status') ?? '') ?? bit) & bit) !== 0n;
}
