import { messageOf } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import type { Step } from '../../plan/plan.ts';
import type { Context } from '../context.ts';
import { type InitRequest, spawnInit } from '../init/spawn.ts';
import { killChild } from '../process/kill-process.ts';
import { CriuChannel } from './channel.ts';
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
  try {
    const socket = connectToCriu(context, init, request, (_point, pid) => {
      staged(pid);
      return [];
    });
    return { channel: new CriuChannel(socket), close: () => end(context, socket, init.intermediate) };
  } catch (error) {
    killChild(init.intermediate, 'criu');
    throw error;
  } finally {
    addon.close(init.socket);
  }
}

function end(context: Context, socket: number, pid: number): void {
  addon.close(socket);
  try {
    addon.waitPid(pid, false);
  } catch (error) {
    context.warn({ code: 'CLEANUP_FAILED', message: `waiting for criu: ${messageOf(error)}` });
    killChild(pid, 'criu');
  }
}
