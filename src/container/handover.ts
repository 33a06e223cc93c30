import { errnoText } from '../errno.ts';
import { RuntimeError } from '../errors.ts';
import { addon, type SystemError } from '../native/addon.ts';

/** Sends a descriptor to a socket of the caller (compat.md §9.5) and closes it, unless `keep`. */
export function passDescriptor(socket: string, what: string, text: string, fd: number, keep = false): void {
  try {
    addon.sendDescriptors(socket, text, [fd]);
  } catch (error) {
    const { code, errno, syscall } = error as SystemError;
    const message = `unable to pass a descriptor to the ${what} ${socket}: ${syscall}: ${errnoText(errno)}`;
    throw new RuntimeError('SOCKET_FAILED', message, { syscall, errno: code, cause: error });
  } finally {
    if (!keep) addon.close(fd);
  }
}

/** The pid as decimal text without a newline, by rename, so that a reader never sees a part (CLI-017). */
export function writePidFile(path: string, pid: number): void {
  try {
    addon.replaceFile(path, String(pid), 0o644);
  } catch (error) {
    const { message, code } = error as SystemError;
    throw new RuntimeError('PID_FILE_FAILED', `unable to write the pid file ${path}: ${message}`, { errno: code, cause: error });
  }
}
