import { CLONE_NEWNET, CLONE_NEWNS, MOUNT_ATTR_RDONLY } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import type { Step } from '../../plan/plan.ts';
import { slots } from '../../plan/wire/places.ts';
import type { Context } from '../context.ts';
import { handlersAlone } from '../init/handlers.ts';
import { converse, type InitRequest, reapIntermediate, spawnInit } from '../init/spawn.ts';

const chapter = 'Restore';

/** Steps of a process that enters one namespace of the process `pid`. */
const enter = (pid: number, file: string, flags: number): Step[] => [
  {
    chapter,
    title: `open the ${file} namespace of the container`,
    stage: 'intermediate',
    action: { op: 'ns.open', path: `/proc/${pid}/ns/${file}`, type: flags, slot: slots.target },
  },
  { chapter, title: 'enter it', stage: 'intermediate', action: { op: 'ns.join', slot: slots.target, flags } },
];

/** Its end alone does not tell that it came to the last step. */
const done: Step = { chapter, title: 'report that it is done', stage: 'intermediate', action: { op: 'report.ready' } };

/** Has a process perform steps, and end. */
export function perform(context: Context, steps: readonly Step[]): void {
  const request: InitRequest = { steps: [...steps, done], preserveFds: 0, piped: false, until: 'ready' };
  const init = spawnInit(request);
  try {
    converse(init, request, handlersAlone(context));
  } finally {
    reapIntermediate(init);
    addon.close(init.socket);
  }
}

/** Sets the loopback interface of a network namespace up that CRIU has made: it leaves what is in there to others. */
export function setLoopbackUp(context: Context, pid: number): void {
  const up: Step = { chapter, title: 'set the loopback interface up', stage: 'intermediate', action: { op: 'loopback.up' } };
  perform(context, [...enter(pid, 'net', CLONE_NEWNET), up]);
}

/** CRIU writes to the root while it makes it, and before 4.2 leaves it writable. */
export function makeRootReadonly(context: Context, pid: number): void {
  const action = { op: 'root.setattr', set: MOUNT_ATTR_RDONLY, clear: 0n, propagation: 0n, recursive: false } as const;
  const readonly: Step = { chapter, pointer: '/root/readonly', title: 'make the root filesystem read-only', stage: 'intermediate', action };
  perform(context, [...enter(pid, 'mnt', CLONE_NEWNS), readonly]);
}
