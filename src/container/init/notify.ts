import { messageOf } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import type { Spec } from '../../spec/types.ts';
import type { Context } from '../context.ts';
import { callFailure } from '../failure/call.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import { notifyDirectory } from '../state/store.ts';

/** Where the container's program finds the socket. */
const INSIDE = '/run/notify';
const SOCKET = 'notify.sock';
/** Every user of the container may write to it; the directory is mounted nowhere else. */
const SOCKET_MODE = 0o777;
/** Largest datagram that is looked at, in bytes: systemd's own limit. */
const DATAGRAM_LIMIT = 4096;
/** How long the service manager gets to take in what was sent, in milliseconds. */
const BARRIER_TIMEOUT_MS = 30_000;

/** The spec with the mount and the variable by which the program reaches its notification socket (sd_notify(3)). */
export function withNotifySocket(spec: Spec, directory: string): Spec {
  const { process } = spec;
  if (!process) return spec;
  const options = ['bind', 'nosuid', 'noexec', 'nodev', 'ro'];
  return {
    ...spec,
    mounts: [...(spec.mounts ?? []), { destination: INSIDE, type: 'bind', source: directory, options }],
    process: { ...process, env: [...(process.env ?? []), `NOTIFY_SOCKET=${INSIDE}/${SOCKET}`] },
  };
}

/**
 * Passes the readiness of a container on to the caller's service manager, and nothing else: what a container says must not steer the unit
 * that it runs in.
 */
export class NotifyRelay {
  /** Readable when the container has said something. */
  readonly fd: number;
  private readonly pidfd: number;
  private readonly context: Context;
  private readonly record: ContainerRecord;
  private readonly target: string;

  private constructor(context: Context, record: ContainerRecord, target: string) {
    this.context = context;
    this.record = record;
    this.target = target;
    this.pidfd = addon.pidfdOpen(record.pid);
    try {
      this.fd = bindSocket(`${notifyDirectory(context, record.id)}/${SOCKET}`);
    } catch (error) {
      addon.close(this.pidfd);
      throw error;
    }
  }

  /**
   * The relay of a container that was created with a notification socket; undefined when it was not, or when nobody is to be told.
   * @param target NOTIFY_SOCKET of the caller
   * @throws RuntimeError NOTIFY_FAILED
   */
  static open(context: Context, record: ContainerRecord, target: string | undefined): NotifyRelay | undefined {
    if (target === undefined || addon.stat(notifyDirectory(context, record.id), false) === null) return undefined;
    return new NotifyRelay(context, record, target);
  }

  /** Waits until the container is ready or has ended. */
  wait(): void {
    for (;;) {
      const ready = addon.pollIn([this.fd, this.pidfd], -1);
      if (!(ready.includes(0) && this.pass())) return;
    }
  }

  /** Takes in what the container said. @returns whether its readiness is still awaited */
  pass(): boolean {
    const text = addon.receiveDatagram(this.fd, DATAGRAM_LIMIT);
    if (text === null || !text.split('\n').includes('READY=1')) return true;
    try {
      // As other runtimes send them: a manager that is no systemd may look at one message at a time.
      for (const text of ['READY=1', `MAINPID=${this.record.pid}`]) addon.sendDatagram(this.target, text, []);
      this.barrier();
    } catch (error) {
      this.context.warn({ code: 'NOTIFY_FAILED', message: `unable to pass READY=1 on to ${this.target}: ${messageOf(error)}` });
    }
    return false;
  }

  /** Waits until the service manager has read what was sent: it may not look at messages of a process that is gone (sd_notify_barrier(3)). */
  private barrier(): void {
    const [read, write] = addon.pipe();
    try {
      addon.sendDatagram(this.target, 'BARRIER=1', [write]);
    } finally {
      addon.close(write);
    }
    try {
      addon.pollIn([read], BARRIER_TIMEOUT_MS);
    } finally {
      addon.close(read);
    }
  }

  close(): void {
    addon.close(this.pidfd);
    addon.close(this.fd);
  }
}

function bindSocket(path: string): number {
  try {
    return addon.bindDatagram(path, SOCKET_MODE);
  } catch (error) {
    throw callFailure('NOTIFY_FAILED', `unable to make the notification socket ${path}`, error);
  }
}
