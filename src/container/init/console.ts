import { RuntimeError } from '../../errors.ts';
import type { Spec } from '../../spec/types.ts';

/**
 * Checks that the terminal of a container's process has somebody to serve it: this process, or whoever listens on the console socket.
 * @throws RuntimeError CONSOLE_SOCKET_MISSING, CONSOLE_SOCKET_UNUSED
 */
export function checkConsole(spec: Spec, consoleSocket: string | undefined, detached: boolean): void {
  const terminal = spec.process?.terminal === true;
  if (detached && terminal && consoleSocket === undefined) {
    throw new RuntimeError('CONSOLE_SOCKET_MISSING', 'cannot allocate tty if runc will detach without setting console socket', {
      pointer: '/process/terminal',
      hint: 'give --console-socket, or set terminal to false',
    });
  }
  if (consoleSocket !== undefined && !(detached && terminal)) {
    throw new RuntimeError('CONSOLE_SOCKET_UNUSED', 'cannot use console socket if runc will not detach or allocate tty', {
      pointer: '/process/terminal',
    });
  }
}
