import { CLONE_PARENT, SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, TIOCSCTTY } from '../../kernel.gen.ts';
import type { Architecture } from './architectures.ts';
import { interpret } from './interpreter.ts';
import { forEachSyscall } from './syscalls/syscalls.ts';

/** What init calls from the clone to the point where a filter is loaded at the latest, with the arguments that filters look at. */
const calls: Readonly<Record<string, readonly bigint[]>> = {
  pipe2: [],
  clone: [BigInt(CLONE_PARENT)],
  read: [],
  write: [],
  close: [],
  exit_group: [],
  setsid: [],
  ioctl: [0n, BigInt(TIOCSCTTY)],
  prlimit64: [],
  sched_setattr: [],
  ioprio_set: [],
};

/** Whether init can load a filter before it clones the process: whether that lets all calls through which follow. */
export function letsFork(program: Uint8Array, { audit, bigEndian, table, base }: Architecture): boolean {
  const numbers = new Map<string, number>();
  forEachSyscall(table, (name, number) => {
    if (Object.hasOwn(calls, name)) numbers.set(name, number + base);
  });
  return Object.entries(calls).every(([name, args]) => {
    const number = numbers.get(name);
    if (number === undefined) return false;
    const { action } = interpret(program, { number, audit, args }, bigEndian);
    return action === SECCOMP_RET_ALLOW || action === SECCOMP_RET_LOG;
  });
}
