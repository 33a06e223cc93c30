import { RuntimeError } from '../../errors.ts';
import { SIGKILL } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { SyncPoint } from '../../plan/wire/places.ts';
import { exactJson } from '../../spec/exact-json.ts';
import type { SystemCall } from '../../spec/seccomp/recorded-calls.ts';
import { tracedProfile } from '../../spec/seccomp/recording.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { CallRecorder } from '../init/created.ts';
import { askToTrace, numberBytes, TRACER_TIMEOUT_MS, tracerLost } from './tracer.ts';

const FINISH = 0;
const WORD = Uint32Array.BYTES_PER_ELEMENT;
const LARGEST_ANSWER = 1 << 16;

/** What was recorded. */
export interface Recording {
  readonly calls: readonly SystemCall[];
  /** Whether there were more than are kept, which only a program that makes up numbers brings about. */
  readonly isCut: boolean;
}

/**
 * Records which system calls the processes of a container make, each once: a filter stops them for a tracer (SECCOMP_RET_TRACE), which is a
 * process of its own, since signals, terminal and end of the container keep this one busy. A listener (SECCOMP_RET_USER_NOTIF) would not do: a signal
 * that comes while it is asked makes calls fail with EINTR which never do otherwise, fork(2) among them. And where a listener has died,
 * each call fails for ever, exit(2) too; with a tracer all end whom it traces (PTRACE_O_EXITKILL).
 */
export class Recorder implements CallRecorder {
  private readonly machine: string;
  private pid = 0;
  private pidfd = -1;
  private socket = -1;
  private isAttached = false;

  /** @param machine what `uname -m` says */
  constructor(machine: string) {
    this.machine = machine;
  }

  /** @throws RuntimeError PROCESS_MISSING, SECCOMP_UNRECORDABLE */
  readonly adapted = (bundle: Bundle): Bundle => {
    if (!bundle.spec.process)
      throw new RuntimeError('PROCESS_MISSING', 'there is nothing to record without a process', { pointer: '/process' });
    const linux = { ...bundle.spec.linux, seccomp: tracedProfile(bundle.spec.linux?.seccomp, this.machine) };
    const spec = { ...bundle.spec, linux };
    return { ...bundle, spec, text: exactJson(spec) };
  };

  readonly begin = (door: string): void => {
    const { pid, socket } = addon.startRecorder(door);
    this.pid = pid;
    this.socket = socket;
    this.pidfd = addon.pidfdOpen(pid);
  };

  /**
   * As late as it can be, before the program's filter: but to whoever has no privileges it is hidden by then, unlike what it comes of.
   * @throws RuntimeError SECCOMP_RECORDING_FAILED
   */
  readonly attach = (point: SyncPoint, pid: number): void => {
    if (this.isAttached || !(point === 'cgroup' || (point === 'idMappings' && addon.geteuid() !== 0))) return;
    askToTrace(this.socket, pid);
    this.isAttached = true;
  };

  /**
   * What was recorded, once the container has ended.
   * @throws RuntimeError SECCOMP_RECORDING_FAILED
   */
  finish(): Recording {
    const words = this.answer();
    const calls: SystemCall[] = [];
    for (let at = 1; at < words.length; at += 2) calls.push({ audit: words[at] ?? 0, number: words[at + 1] ?? 0 });
    return { calls, isCut: words[0] !== 0 };
  }

  private answer(): Uint32Array {
    const parts: number[] = [];
    try {
      addon.sendBytes(this.socket, numberBytes(FINISH));
      for (;;) {
        if (addon.pollIn([this.socket], TRACER_TIMEOUT_MS).length === 0) throw tracerLost();
        const bytes = addon.receiveBytes(this.socket, LARGEST_ANSWER);
        if (bytes?.length === 0) break;
        parts.push(...(bytes ?? []));
      }
    } catch (error) {
      throw tracerLost(error);
    }
    if (parts.length % (2 * WORD) !== WORD) throw tracerLost();
    return new Uint32Array(Uint8Array.from(parts).buffer);
  }

  /** Ends it, and with it whoever is still traced. */
  close(): void {
    if (this.pid === 0) return;
    addon.close(this.socket);
    try {
      // It may be stopped, and nobody waits for it any more.
      if (this.pidfd >= 0) addon.pidfdSendSignal(this.pidfd, SIGKILL);
      addon.waitPid(this.pid, false);
    } catch (error) {
      // Where orphans are adopted every child is reaped.
      if (!failedWith(error, 'ESRCH', 'ECHILD')) throw error;
    } finally {
      if (this.pidfd >= 0) addon.close(this.pidfd);
      this.pid = 0;
    }
  }
}
