import { messageOf } from '../../errors.ts';
import { addon } from '../../native/addon.ts';
import type { Step } from '../../plan/plan.ts';
import { slots } from '../../plan/wire/places.ts';
import type { Context } from '../context.ts';
import { converse, type InitProcess, type InitRequest, spawnInit } from '../init/spawn.ts';
import { killChild } from '../process/kill-process.ts';
import { reportStep } from '../trace.ts';
import { CriuChannel } from './channel.ts';

/** CRIU, which waits for requests. */
export interface CriuProcess {
  readonly pid: number;
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
  const [own, far] = addon.packetPair();
  let init: InitProcess | undefined;
  try {
    init = spawnInit(request);
    converse(init, request, {
      cloned: () => {},
      sync: (_point, pid) => {
        staged(pid);
        return [{ slot: slots.criuSocket, fd: far }];
      },
      console: () => {},
      seccompListener: () => {},
      warning: ({ text }) => context.warn({ code: 'INIT_WARNING', message: text.join(': ') }),
      traced: reportStep(context),
    });
  } catch (error) {
    addon.close(own);
    if (init) killChild(init.intermediate, 'criu');
    throw error;
  } finally {
    if (init) addon.close(init.socket);
  }
  return { pid: init.intermediate, channel: new CriuChannel(own), close: () => end(context, own, (init as InitProcess).intermediate) };
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
