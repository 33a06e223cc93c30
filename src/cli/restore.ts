import { criuRequest } from './criu-request.ts';
import type { Invocation } from './invocation.ts';
import { absolute, bundleOf, present } from './paths.ts';

export async function run(invocation: Invocation<'restore'>): Promise<number> {
  const { flags, args } = invocation;
  const context = invocation.context();
  const { restore } = await import('../container/restore.ts');
  return restore(context, {
    ...criuRequest(flags),
    id: args[0] ?? '',
    bundle: bundleOf(flags.bundle),
    ...present({
      workPath: absolute(flags['work-path']),
      pidFile: absolute(flags['pid-file']),
      consoleSocket: absolute(flags['console-socket']),
      lsmProfile: flags['lsm-profile'] || undefined,
      lsmMountContext: flags['lsm-mount-context'] || undefined,
    }),
    tcpClose: flags['tcp-close'],
    detach: flags.detach,
    noSubreaper: flags['no-subreaper'],
  });
}
