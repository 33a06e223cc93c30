import type { Stdio } from '../container/init/created.ts';
import type { ExecRequest } from '../container/process/exec-process.ts';
import type { TerminalSize } from './terminal.ts';

/** A process beside the container's own; what is left out is as the container's process has it. */
export interface ExecOptions {
  readonly cwd?: string;
  /** Added to the environment of the container's process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid?: number };
  readonly additionalGids?: readonly number[];
  /** Added to the capabilities that the container's process may have. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** A terminal of this size, in place of its three streams. */
  readonly terminal?: TerminalSize;
  /** Gives the start up, and then nothing of the process is left. */
  readonly signal?: AbortSignal;
}

export function execRequest(id: string, args: readonly string[], options: Omit<ExecOptions, 'signal'>, stdio: Stdio): ExecRequest {
  const { cwd, env = {}, user, additionalGids = [], capabilities = [], noNewPrivileges = false, terminal } = options;
  return {
    id,
    args: [...args],
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    tty: terminal !== undefined,
    additionalGids,
    detach: false,
    noNewPrivileges,
    caps: capabilities,
    preserveFds: 0,
    ignorePaused: false,
    cgroup: [],
    stdio,
    ...(terminal === undefined ? {} : { consoleSize: { width: terminal.columns, height: terminal.rows } }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { user }),
  };
}
