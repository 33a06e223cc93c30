import { forEachSyscall } from '../../src/spec/seccomp/syscalls/syscalls.ts';

/** As the kernel calls this machine's processor. */
export const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** Numbers of all system calls of this processor, by their names. */
export const callNumbers: ReadonlyMap<string, number> = readNumbers();

function readNumbers(): Map<string, number> {
  const numbers = new Map<string, number>();
  forEachSyscall(machine, (name, number) => numbers.set(name, number));
  return numbers;
}

/** @throws Error when this processor has no such call: the newer ones lack many that others have in its place */
export function callNumber(name: string): number {
  const number = callNumbers.get(name);
  if (number === undefined) throw new Error(`${machine} has no call ${name}`);
  return number;
}

const AT_FDCWD = -100;

/** A call that makes a directory on every processor, for `probe syscall`: mkdirat(2). */
export const makeDirectory: readonly (string | number)[] = [callNumber('mkdirat'), AT_FDCWD, '=/tmp/x', 0o755];
