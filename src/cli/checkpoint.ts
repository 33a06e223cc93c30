import type { CheckpointRequest } from '../container/checkpoint.ts';
import { parentPath } from '../container/criu/parent-path.ts';
import { openFlags } from '../container/process/inherited.ts';
import { RuntimeError } from '../errors.ts';
import { criuRequest } from './criu-request.ts';
import type { Invocation } from './invocation.ts';
import { absolute, present } from './paths.ts';

const LAST_PORT = 65535;

/** @throws RuntimeError INVALID_VALUE */
function pageServer(text: string | undefined): CheckpointRequest['pageServer'] {
  if (!text) return undefined;
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) throw new RuntimeError('INVALID_VALUE', 'Use --page-server ADDRESS:PORT to specify page server');
  const port = Number(digits);
  if (port < 1 || port > LAST_PORT) throw new RuntimeError('INVALID_VALUE', 'Invalid port number');
  return { address, port };
}

/** @throws RuntimeError INVALID_VALUE */
function statusFd(fd: number): number | undefined {
  if (fd < 0) return undefined;
  const flags = openFlags(fd);
  if (flags === undefined) throw new RuntimeError('INVALID_VALUE', `invalid --status-fd argument ${fd}: bad file descriptor`);
  if ((flags & 3) === 0) throw new RuntimeError('INVALID_VALUE', `invalid --status-fd argument ${fd}: not writable`);
  return fd;
}

export async function run(invocation: Invocation<'checkpoint'>): Promise<number> {
  const { flags, args } = invocation;
  const context = invocation.context();
  const common = criuRequest(flags);
  const { checkpoint } = await import('../container/checkpoint.ts');
  checkpoint(context, {
    ...common,
    id: args[0] ?? '',
    ...present({
      workPath: absolute(flags['work-path']),
      parentPath: parentPath(flags['parent-path'], common.imagePath),
      pageServer: pageServer(flags['page-server']),
      statusFd: flags['lazy-pages'] ? statusFd(flags['status-fd']) : undefined,
    }),
    leaveRunning: flags['leave-running'],
    preDump: flags['pre-dump'],
    tcpSkipInFlight: flags['tcp-skip-in-flight'],
    linkRemap: flags['link-remap'],
  });
  return 0;
}
