import { errnoText } from '../../errno.ts';
import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';

/** Milliseconds for an answer. */
export const TRACER_TIMEOUT_MS = 10_000;

/** The tracer, and all whom it traced with it, has gone. */
export const tracerLost = (cause?: unknown): RuntimeError =>
  new RuntimeError('SECCOMP_RECORDING_FAILED', 'the process that recorded the system calls has ended before it could tell them', { cause });

/** One number as the recorder reads it, whatever the order of the machine's bytes is. */
export const numberBytes = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

/**
 * Has a process traced, and all that come of it.
 * @param socket of the recorder
 * @throws RuntimeError SECCOMP_RECORDING_FAILED
 */
export function askToTrace(socket: number, pid: number): void {
  let answer: Uint8Array | null;
  try {
    addon.sendBytes(socket, numberBytes(pid));
    answer = addon.pollIn([socket], TRACER_TIMEOUT_MS).length > 0 ? addon.receiveBytes(socket, Int32Array.BYTES_PER_ELEMENT) : null;
  } catch (error) {
    throw tracerLost(error);
  }
  if (answer?.length !== Int32Array.BYTES_PER_ELEMENT) throw tracerLost();
  const [errno = 0] = new Int32Array(answer.slice().buffer);
  if (errno === 0) return;
  throw new RuntimeError('SECCOMP_RECORDING_FAILED', `process ${pid} cannot be traced: ptrace: ${errnoText(errno)}`, {
    hint: 'tracing takes CAP_SYS_PTRACE over the container, a kernel.yama.ptrace_scope below 3, and a process that nobody else traces',
    syscall: 'ptrace',
  });
}

/**
 * The same for one more process of a container that another command records.
 * @param door path of the recorder's socket
 * @throws RuntimeError SECCOMP_RECORDING_FAILED
 */
export function traceToo(door: string, pid: number): void {
  let socket: number;
  try {
    socket = addon.connectStream(door);
  } catch (error) {
    throw tracerLost(error);
  }
  try {
    askToTrace(socket, pid);
  } finally {
    addon.close(socket);
  }
}
