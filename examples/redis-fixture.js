// A vitest fixture: every test file that asks for `redis` has a server of its own, in a container that ends with the file.
//   import { test } from './redis-fixture.js';
//   test('counts', async ({ redis }) => expect(await redis('INCR visits')).toBe(':1'));
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostPrograms, Runtime, sandbox } from 'runts';
import { test as base } from 'vitest';

/** The host's redis; of one that lies in a folder its words, and the folder as a mount. */
const server = { args: ['redis-server'], mounts: [] };
/** Where the server and the tests meet: there is no network. */
const place = '/mnt';

/** @returns what sends a command and gives the answer */
async function clientOf(path) {
  const socket = connect(path);
  await once(socket, 'connect');
  return async (command) => {
    socket.write(`${command}\r\n`);
    const [answer] = await once(socket, 'data');
    return String(answer).trim();
  };
}

export const test = base.extend({
  redis: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest wants to read there which fixtures this one needs
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'redis-'));
      const shared = join(folder, 'shared');
      mkdirSync(shared);
      for (const path of [folder, shared]) chmodSync(path, path === shared ? 0o777 : 0o755);
      const runtime = new Runtime({ root: join(folder, 'state') });
      try {
        const { root, mounts } = hostPrograms(join(folder, 'root'));
        mkdirSync(join(root, place));
        const spec = sandbox({
          root,
          mounts: [...mounts, ...server.mounts, { source: shared, destination: place, writable: true }],
          args: [...server.args, '--port', '0', '--unixsocket', `${place}/socket`, '--unixsocketperm', '777', '--save', ''],
        });
        const container = await runtime.create({ spec, stdio: ['ignore', 'pipe', 'inherit'] });
        await container.start();
        for await (const line of container.stdout) if (String(line).includes('Ready to accept connections')) break;
        await use(await clientOf(join(shared, 'socket')));
      } finally {
        await runtime.close();
        rmSync(folder, { recursive: true });
      }
    },
    { scope: 'file' },
  ],
});
