import type { ContainerStatus, Spec } from '../spec/types.ts';
import { passDescriptor } from './handover.ts';
import { hookState } from './state.ts';
import type { ContainerRecord } from './store.ts';

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
  passDescriptor(listenerPath, 'seccomp listener', JSON.stringify(state), fd);
}
