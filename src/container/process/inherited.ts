import { RuntimeError } from '../../errors.ts';
import { O_CLOEXEC } from '../../kernel.gen.ts';
import { addon, changesProcess } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { Spec } from '../../spec/types.ts';

/** Descriptors that the caller promises to have opened for the container's process, from 3 on. */
export interface Inherited {
  /** Sockets of socket activation (sd_listen_fds(3)). */
  readonly listenFds: number;
  /** Further ones (--preserve-fds). */
  readonly preserveFds: number;
}

const FIRST = 3;

/**
 * Checks that the caller has opened what it promised.
 * @returns how many descriptors are passed on; fewer than none are none (runc)
 * @throws RuntimeError DESCRIPTOR_MISSING
 */
export function inheritedCount({ listenFds, preserveFds }: Inherited): number {
  for (let index = 0; index < listenFds; index++) {
    if (!isInherited(FIRST + index))
      throw missing(`unable to stat listen-fd ${index} (of ${listenFds}): descriptor ${FIRST + index} is not open`);
  }
  for (let index = 0; index < preserveFds; index++) {
    const fd = FIRST + listenFds + index;
    if (!isInherited(fd)) throw missing(`unable to stat preserved-fd ${index} (of ${preserveFds}): descriptor ${fd} is not open`);
  }
  return listenFds + Math.max(0, preserveFds);
}

const missing = (message: string): RuntimeError =>
  new RuntimeError('DESCRIPTOR_MISSING', message, { hint: 'open every descriptor from 3 on before calling runts' });

/**
 * What the executable opens itself is close-on-exec, and what it was given is not. Node and Bun mark everything, and open their own event
 * queue at the first free number, so that there is no gap: what they put there is not the caller's.
 */
function isInherited(fd: number): boolean {
  try {
    const flags = openFlags(fd);
    const isMarked = ((flags ?? 0) & O_CLOEXEC) !== 0;
    if (!changesProcess) return flags !== undefined && !isMarked;
    const isQueue = addon.readLink(`/proc/self/fd/${fd}`).startsWith('anon_inode:[event');
    return !(isQueue && isMarked);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return false;
    throw error;
  }
}

/** The descriptor's flags as open(2) has them; undefined when it is not open. */
export function openFlags(fd: number): number | undefined {
  const about = addon.readFileIfThere(`/proc/self/fdinfo/${fd}`);
  return about === null ? undefined : Number.parseInt(/^flags:\s*([0-7]+)/m.exec(about)?.[1] ?? '0', 8);
}

/** The spec with the variables of socket activation; the container's process is pid 1 of its namespace. */
export function withListenFds(spec: Spec, listenFds: number): Spec {
  const { process } = spec;
  if (listenFds === 0 || !process) return spec;
  return { ...spec, process: { ...process, env: [...(process.env ?? []), `LISTEN_FDS=${listenFds}`, 'LISTEN_PID=1'] } };
}
