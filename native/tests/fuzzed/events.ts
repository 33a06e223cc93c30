/** What an init may say that is not ours any more: messages of the event socket with descriptors, and what lies in the exec fifo. */

import { decodeEvents, stepError } from '../../../src/container/failure/failure.ts';
import { converse } from '../../../src/container/init/spawn.ts';
import { RuntimeError } from '../../../src/errors.ts';
import { addon } from '../../../src/native/addon.ts';
import { isSystemError } from '../../../src/native/system-error.ts';
import { plan } from '../../../src/plan/build.ts';
import type { Step } from '../../../src/plan/plan.ts';
import { hybridHost, planOptions, smallSpec, unifiedHost } from '../../../src/plan/testing.ts';
import { type Reader, require, requireTold } from './told.ts';

const { engine } = globalThis as unknown as {
  readonly engine: {
    /** The end of a socket whose other one has sent these messages, each with descriptors, and is closed. */
    messages(bytes: Uint8Array): number;
  };
};

/** Steps of many kinds. */
const steps: readonly Step[] = [unifiedHost, hybridHost].flatMap((facts) => {
  const process = {
    ...smallSpec.process,
    user: { uid: 1, gid: 1 },
    rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 1 }],
    apparmorProfile: 'x',
  };
  const linux = {
    ...smallSpec.linux,
    maskedPaths: ['/proc/keys'],
    readonlyPaths: ['/proc/sys'],
    sysctl: { 'net.a': '1' },
    resources: { devices: [{ allow: false }] },
    seccomp: { defaultAction: 'SCMP_ACT_ALLOW' },
  };
  const mounts = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/o', type: 'overlay', source: 'o', options: ['lowerdir=/a', 'upperdir=/b', 'workdir=/c'] },
    { destination: '/b', source: '/b', options: ['rbind', 'ro'] },
    { destination: '/c', type: 'tmpfs', source: 't', options: ['tmpcopyup'] },
  ];
  const hooks = { createContainer: [{ path: '/h' }], startContainer: [{ path: '/h' }] };
  return plan({ ...smallSpec, process, linux, mounts, hooks, hostname: 'h' } as typeof smallSpec, planOptions, { ...facts, apparmor: true })
    .steps;
});

/** Does it, or fails in words of ours, or of the addon. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof RuntimeError || isSystemError(error))) throw error;
    requireTold(error.message);
  }
}

/** The lowest number that no descriptor has. */
function lowestFree(): number {
  const fd = addon.eventFd();
  addon.close(fd);
  return fd;
}

function socket(bytes: Uint8Array): void {
  const before = lowestFree();
  const fd = engine.messages(bytes);
  const close = (given: number): void => {
    if (given >= 0) addon.close(given);
  };
  const handlers = {
    cloned: () => undefined,
    sync: () => [],
    console: close,
    seccompListener: close,
    mapTree: close,
    warning: (event: Parameters<typeof stepError>[1]) => void stepError(steps[event.step], event).message,
  };
  const request = { steps, preserveFds: 0, piped: false, until: (bytes[0] ?? 0) % 2 === 0 ? 'ready' : 'executed' } as const;
  attempt(() => void converse({ intermediate: 2 ** 22, socket: fd }, request, handlers));
  addon.close(fd);
  require(lowestFree() === before, 'a descriptor stays open');
}

function fifo(bytes: Uint8Array): void {
  const [first, second] = decodeEvents(bytes);
  if (first) requireTold(stepError(steps[first.step % steps.length], first, second).message);
}

export const events: readonly Reader[] = [socket, fifo];
