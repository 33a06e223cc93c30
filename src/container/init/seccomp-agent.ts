import { errnoNumber, errnoText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import type { ContainerStatus, Spec } from '../../spec/types.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import { hookState } from '../state.ts';
import { passDescriptor } from './handover.ts';

/** Sends a seccomp notification descriptor with the container process state to the agent (LNX-167 to LNX-176), one connection for each. */
export function sendSeccompListener(spec: Spec, record: ContainerRecord, status: ContainerStatus, pid: number, fd: number): void {
  const { listenerPath = '', listenerMetadata } = spec.linux?.seccomp ?? {};
  const state = {
    ociVersion: record.ociVersion,
    fds: ['seccompFd'],
    pid,
    ...(listenerMetadata ? { metadata: listenerMetadata } : {}),
    state: JSON.parse(hookState(record, status)) as unknown,
  };
  try {
    passDescriptor(listenerPath, 'seccomp listener', JSON.stringify(state), fd);
  } catch (error) {
    throw agentError(listenerPath, error);
  }
}

/** runc's words first, for those who look for them. */
function agentError(listenerPath: string, error: unknown): unknown {
  if (!(error instanceof RuntimeError)) return error;
  const { code, syscall = '', errno = '' } = error;
  const doing = syscall === 'connect' ? 'connect with' : 'send to';
  const why = `${listenerPath}: ${syscall}: ${errnoText(errnoNumber(errno))}`;
  const message = `failed to ${doing} seccomp agent specified in the seccomp profile: ${why}`;
  const hint = 'the agent has to listen on that socket before the container is created, and while exec runs';
  return new RuntimeError(code, message, { pointer: '/linux/seccomp/listenerPath', syscall, errno, hint, cause: error });
}
