import type { SyncPoint } from '../../plan/wire/places.ts';
import type { Process } from '../../spec/types.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { ContainerRecord } from '../state/container-record.ts';
import type { Hold } from '../state/hold.ts';

/** Descriptors for standard input, output and error. */
export type Stdio = readonly [number, number, number];

/** Who notes the system calls of a container's processes. */
export interface CallRecorder {
  /** What is made in place of the bundle: the same with a filter that a tracer is told by. */
  readonly adapted: (bundle: Bundle) => Bundle;
  /** Begins; `door` is where the path of its socket may be. */
  readonly begin: (door: string) => void;
  /** Has the process that is at this point, and has no filter yet, recorded, and all that come of it. */
  readonly attach: (point: SyncPoint, pid: number) => void;
}

/** What create is asked for. */
export interface CreateRequest {
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  /** Another file than the bundle's config.json; absolute. */
  readonly configFile?: string;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  readonly pidfdSocket?: string;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  readonly preserveFds: number;
  /** Number of activated sockets, which come before the preserved descriptors. */
  readonly listenFds?: number;
  /** Descriptors that become its standard streams; absent: those of the caller, or pipes to them. */
  readonly stdio?: Stdio;
  /** Its process gets a terminal of this size in characters, whatever the configuration says. */
  readonly terminal?: NonNullable<Process['consoleSize']>;
  /** Its standard streams are fifos of its directory, which others may open by its id; in place of `stdio`. */
  readonly keepsStreams?: boolean;
  /** The configuration, in place of any file's; then the bundle need not be there. */
  readonly configText?: string;
  /** NOTIFY_SOCKET of the caller. */
  readonly notifySocket?: string;
  readonly recorder?: CallRecorder;
}

/** A container whose init process waits on the exec fifo. */
export interface CreatedContainer {
  readonly record: ContainerRecord;
  /** Pidfd of the init process. */
  readonly pidfd: number;
  /** Master of the terminal when it was not handed to a console socket, else -1. */
  readonly console: number;
  /** Its standard streams, where they are kept: with them open nothing of what it has written is lost. */
  readonly streams?: Stdio;
  /** Locked. */
  readonly hold: Hold;
}
