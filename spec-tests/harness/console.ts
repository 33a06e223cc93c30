import { join } from 'node:path';
import type { Box } from './box.ts';
import { type Running, until } from './command.ts';

let serial = 0;

interface Received {
  name: string;
  fds: number;
  closed: boolean;
  rows: number;
  columns: number;
}

/**
 * Listens on a console socket; what the terminal shows follows the first line of its output.
 * @param input typed there
 */
export async function receiver(
  box: Box,
  ...input: string[]
): Promise<{ socket: string; running: Running; received(): Promise<Received>; shows(pattern: RegExp): Promise<string> }> {
  const socket = join(box.directory, `console-${++serial}.sock`);
  const running = box.background([box.suite.probe, 'console', socket, ...input]);
  await until('the receiver listens', async () => (await box.host(['test', '-S', socket])).status === 0);
  return {
    socket,
    running,
    received: async () => JSON.parse(await until('a terminal', () => /^\{"name.*\}$/m.exec(running.output())?.[0])) as Received,
    shows: (pattern) => until(`${pattern} on the terminal, has ${running.output()}`, () => pattern.exec(running.output())?.[0]),
  };
}
