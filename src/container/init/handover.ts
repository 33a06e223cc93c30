import { addon } from '../../native/addon.ts';
import { callFailure } from '../failure/call.ts';

/** Sends a descriptor to a socket of the caller (compat.md §9.5) and closes it, unless `keep`. */
export function passDescriptor(socket: string, what: string, text: string, fd: number, keep = false): void {
  try {
    addon.sendDescriptors(socket, text, [fd]);
  } catch (error) {
    const unable = `unable to pass a descriptor to the ${what} ${socket}`;
    throw callFailure('SOCKET_FAILED', unable, error);
  } finally {
    if (!keep) addon.close(fd);
  }
}

/**
 * The pid as decimal text without a newline, by rename, so that a reader never sees a part (CLI-017). A device is written to: to replace
 * /dev/null, which some give for a file that they do not want, would break the whole machine.
 * @throws RuntimeError PID_FILE_FAILED
 */
export function writePidFile(path: string, pid: number): void {
  try {
    if (addon.stat(path, true)?.type === 'device') addon.writeControl(path, String(pid));
    else addon.replaceFile(path, String(pid), 0o644);
  } catch (error) {
    throw callFailure('PID_FILE_FAILED', `unable to write the pid file ${path}`, error);
  }
}
