import { messageOf } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import type { Step } from '../../plan/plan.ts';
import type { Context } from '../context.ts';
import { type InitRequest, spawnInit } from '../init/spawn.ts';
import { killChild } from '../process/kill-process.ts';
import { CriuChannel, closeAll } from './channel.ts';
import { connectToCriu } from './connection.ts';

/** CRIU, which waits for requests. */
export interface CriuProcess {
  readonly channel: CriuChannel;
  /** Ends the connection, and with it CRIU. */
  close(): void;
}

/**
 * Starts CRIU for a container that is there.
 * @param staged called when everything is as it will be for CRIU, with its pid
 * @throws RuntimeError of the step that failed
 */
export function startCriu(context: Context, steps: readonly Step[], staged: (pid: number) => void): CriuProcess {
  const request: InitRequest = { steps, preserveFds: 0, piped: false, until: 'executed', trace: context.trace !== undefined };
  const init = spawnInit(request);
  const fds: number[] = [];
  try {
    const socket = connectToCriu(context, init, request, (_point, pid) => {
      staged(pid);
      return [];
    });
    fds.push(socket);
    const pidfd = addon.pidfdOpen(init.intermediate);
    fds.push(pidfd);
    return { channel: new CriuChannel(socket, pidfd), close: () => end(context, fds, init.intermediate) };
  } catch (error) {
    killChild(init.intermediate, 'criu');
    closeAll(fds);
    throw error;
  } finally {
    addon.close(init.socket);
  }
}

function end(context: Context, fds: readonly number[], pid: number): void {
  closeAll(fds);
  try {
    addon.waitPid(pid, false);
  } catch (error) {
    context.warn({ code: 'CLEANUP_FAILED', message: `waiting for criu: ${messageOf(error)}` });
    killChild(pid, 'criu');
  }
}
