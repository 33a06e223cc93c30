import { intact } from './utf8.ts';

/**
 * Number of sockets that a service manager passed to this very process (sd_listen_fds(3)); 0 when they are meant for another one.
 * @param environment LISTEN_FDS and LISTEN_PID
 * @param pid of this process
 */
export function listenFds(environment: Readonly<Record<string, string | undefined>>, pid: number): number {
  const { LISTEN_FDS: count = '', LISTEN_PID: owner } = environment;
  return owner === String(pid) && /^[1-9][0-9]{0,4}$/.test(count) ? Number(count) : 0;
}

/** The socket on which the caller waits for READY=1 (sd_notify(3)): a path or an abstract name. */
export function notifySocket({ NOTIFY_SOCKET: socket }: Readonly<Record<string, string | undefined>>): string | undefined {
  return socket === undefined || !/^[/@]./.test(socket) ? undefined : intact('NOTIFY_SOCKET', socket);
}
