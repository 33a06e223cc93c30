import type { CreateRequest } from '../container/init/created.ts';
import { listenFds, notifySocket } from './activation.ts';
import type { Invocation } from './invocation.ts';
import { absolute, bundleOf, present } from './paths.ts';

/** What create and run ask of the container, from their common flags. */
export function createRequest({ flags, args: [id = ''] }: Pick<Invocation<'create'>, 'flags' | 'args'>): CreateRequest {
  return {
    id,
    bundle: bundleOf(flags.bundle),
    ...present({
      configFile: absolute(flags.config),
      pidFile: absolute(flags['pid-file']),
      consoleSocket: absolute(flags['console-socket']),
      pidfdSocket: absolute(flags['pidfd-socket']),
      notifySocket: notifySocket(process.env),
      listenFds: listenFds(process.env, process.pid) || undefined,
    }),
    noPivot: flags['no-pivot'],
    noNewKeyring: flags['no-new-keyring'],
    preserveFds: flags['preserve-fds'],
  };
}

export async function run(invocation: Invocation<'create'>): Promise<number> {
  const context = invocation.context();
  const { create } = await import('../container/create.ts');
  create(context, createRequest(invocation));
  return 0;
}
