import { RuntimeError } from '../../errors.ts';
import { O_RDONLY, O_RDWR } from '../../kernel.gen.ts';
import { addon } from '../../native/addon.ts';
import { failedWith } from '../../native/system-error.ts';
import type { Context } from '../context.ts';
import type { Stdio } from '../init/created.ts';
import { streamsDirectory } from '../state/store.ts';

const names = ['stdin', 'stdout', 'stderr'] as const;

/**
 * Makes the fifos of a container whose standard streams are kept, and opens them for its process: to read and to write, so that neither end
 * is missed when nobody is attached. Then what it writes waits, as much as a pipe holds, and it waits for input.
 */
export function makeStreams(context: Context, id: string): Stdio {
  const directory = streamsDirectory(context, id);
  addon.mkdir(directory, 0o700);
  for (const name of names) addon.mkfifo(`${directory}/${name}`, 0o600);
  return openAll((name) => addon.open(`${directory}/${name}`, O_RDWR, 0));
}

/**
 * Opens the other ends, for one at a time.
 * @throws RuntimeError STREAMS_NOT_KEPT; CONTAINER_BUSY when somebody has them
 */
export function openStreams(context: Context, id: string): Stdio {
  const directory = streamsDirectory(context, id);
  // Opened for reading alone it would wait for a writer, and for writing for a reader: one that has ended is neither.
  const pathOf = (name: string): string => `${directory}/${name}`;
  try {
    return openAll((name) => (name === 'stdin' ? addon.open(pathOf(name), O_RDWR, 0) : openLocked(pathOf(name), id)));
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error;
    throw new RuntimeError('STREAMS_NOT_KEPT', `the standard streams of container ${id} are not kept`, {
      hint: "create it with stdio: 'kept'",
      cause: error,
    });
  }
}

function openLocked(path: string, id: string): number {
  // Meanwhile it has a writer.
  const writer = addon.open(path, O_RDWR, 0);
  let fd = -1;
  try {
    fd = addon.open(path, O_RDONLY, 0);
    addon.lock(fd, true, 0);
    return fd;
  } catch (error) {
    if (fd >= 0) addon.close(fd);
    if (!failedWith(error, 'ETIMEDOUT')) throw error;
    throw new RuntimeError('CONTAINER_BUSY', `somebody is attached to container ${id}`, { cause: error });
  } finally {
    addon.close(writer);
  }
}

function openAll(open: (name: (typeof names)[number]) => number): Stdio {
  const fds: number[] = [];
  try {
    for (const name of names) fds.push(open(name));
    return fds as unknown as Stdio;
  } catch (error) {
    for (const fd of fds) addon.close(fd);
    throw error;
  }
}
