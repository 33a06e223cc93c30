import { RuntimeError } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import { type CriuRequest, type CriuResponse, decodeResponse, encodeRequest, requestTypes, typeName } from '../../plan/criu/rpc.ts';

/** Longest answer of CRIU, in bytes: what it notifies of is short. */
const MOST_BYTES = 64 * 1024;

/** The first of what is waited for. */
const SOCKET = 0;

/** What is done at one of CRIU's notifications; CRIU waits. The descriptors that come with it are the callee's to close. */
export type Notified = (script: string, pid: number, fds: readonly number[]) => void;

export function closeAll(fds: readonly number[]): void {
  for (const fd of fds) addon.close(fd);
}

/** The connection to one process of `criu swrk`. */
export class CriuChannel {
  private readonly socket: number;
  private readonly pidfd: number;

  /** @param pidfd of CRIU: what it has made for a restore may outlive it, and keep the far end of the socket open */
  constructor(socket: number, pidfd: number) {
    this.socket = socket;
    this.pidfd = pidfd;
  }

  /**
   * Sends a request, and answers what CRIU notifies of, until it is served.
   * @throws RuntimeError CRIU_FAILED; or what `notified` throws, then CRIU gives up
   */
  request(request: CriuRequest, notified: Notified = (_script, _pid, fds) => closeAll(fds)): CriuResponse {
    this.send(request);
    for (;;) {
      const { response, fds } = this.receive(request);
      if (response.type !== requestTypes.NOTIFY) {
        closeAll(fds);
        return checked(request, response);
      }
      const { script = '', pid = 0 } = response.notify ?? {};
      try {
        notified(script, pid, fds);
      } catch (error) {
        this.refuse();
        throw error;
      }
      this.send({ type: requestTypes.NOTIFY, notify_success: true });
    }
  }

  private receive(request: CriuRequest): { readonly response: CriuResponse; readonly fds: readonly number[] } {
    const isThere = addon.pollIn([this.socket, this.pidfd], -1).includes(SOCKET);
    const packet = isThere ? addon.receivePacket(this.socket, MOST_BYTES, -1) : null;
    if (packet === null) throw failure(request, 'it ended without an answer');
    try {
      return { response: decodeResponse(packet.bytes), fds: packet.fds };
    } catch (error) {
      closeAll(packet.fds);
      throw failure(request, 'its answer has no meaning', error);
    }
  }

  private send(request: CriuRequest): void {
    try {
      addon.sendBytes(this.socket, encodeRequest(request));
    } catch (error) {
      // Its end is told by the next answer, or the lack of one.
      if (!failedWith(error, 'EPIPE', 'ECONNRESET')) throw error;
    }
  }

  /** So that CRIU takes back what it did. */
  private refuse(): void {
    this.send({ type: requestTypes.NOTIFY, notify_success: false });
  }
}

function checked(request: CriuRequest, response: CriuResponse): CriuResponse {
  if (response.success === true) return response;
  throw failure(request, `type ${typeName(response.type)} errno ${response.cr_errno ?? 0}`);
}

function failure(request: CriuRequest, why: string, cause?: unknown): RuntimeError {
  const text = why.startsWith('type ') ? why : `type ${typeName(request.type)}: ${why}`;
  return new RuntimeError('CRIU_FAILED', `criu failed: ${text}`, cause === undefined ? {} : { cause });
}
