import type { ExecRequest } from '../container/exec.ts';
import type { Process } from '../spec/types.ts';
import type { Invocation } from './invocation.ts';
import { absolute, present } from './paths.ts';
import { parseGroup, parseUser } from './user.ts';

/** What exec asks of the container, from its flags. `process` is what --process named. */
export function execRequest({ flags, args }: Pick<Invocation<'exec'>, 'flags' | 'args'>, process: Process | undefined): ExecRequest {
  const [id = '', ...words] = args;
  return {
    id,
    args: words,
    ...present({
      process,
      cwd: flags.cwd,
      user: flags.user === undefined ? undefined : parseUser(flags.user),
      pidFile: absolute(flags['pid-file']),
      consoleSocket: absolute(flags['console-socket']),
      pidfdSocket: absolute(flags['pidfd-socket']),
      processLabel: flags['process-label'],
      apparmor: flags.apparmor,
    }),
    env: flags.env,
    tty: flags.tty,
    additionalGids: flags['additional-gids'].map(parseGroup),
    detach: flags.detach,
    noNewPrivileges: flags['no-new-privs'],
    caps: flags.cap,
    preserveFds: flags['preserve-fds'],
    ignorePaused: flags['ignore-paused'],
    cgroup: flags.cgroup,
  };
}
