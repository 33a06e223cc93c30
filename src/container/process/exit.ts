import { addon } from '../../native/addon.ts';
import type { ProcessRecord } from '../state/container-record.ts';

/** How a process has ended; without members: nobody tells. */
export interface Exit {
  /** Exit status; 128 + n when signal n killed it. */
  readonly status?: number;
  readonly signal?: number;
}

/** How long somebody gets to reap it, until when only root is told of its end, in milliseconds. */
const REAPING_MS = 100;

/** Field 52 of /proc/PID/stat, which others than root read as 0 where they may not know it. */
function ofZombie({ pid, startTime }: ProcessRecord): number | undefined {
  if (addon.geteuid() !== 0) return undefined;
  const text = addon.readFileIfThere(`/proc/${pid}/stat`) ?? '';
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  // They count from the third on: the state, start time (22) and code (52) among them.
  return fields[0] === 'Z' && fields[19] === startTime ? Number(fields[49]) : undefined;
}

const exit = (status: number, signal: number): Exit => (signal === 0 ? { status } : { status: 128 + signal, signal });

function known(record: ProcessRecord, pidfd: number): Exit | undefined {
  const told = addon.endOf(pidfd);
  if (told) return exit(told.status, told.signal);
  const code = ofZombie(record);
  return code === undefined ? undefined : exit((code >> 8) & 0xff, code & 0x7f);
}

/** How a process has ended whose pidfd says that it has: of whosever child, as far as the kernel tells. */
export function exitOf(record: ProcessRecord, pidfd: number): Exit {
  const deadline = addon.monotonic() + REAPING_MS;
  for (;;) {
    const found = known(record, pidfd);
    if (found || addon.monotonic() > deadline) return found ?? {};
    addon.pollIn([], 5);
  }
}
