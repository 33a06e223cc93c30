import { spawn } from 'node:child_process';
import { constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { addon } from './addon.ts';
import { temporaryFolder, thrown, withoutLeak } from './testing.ts';

const at = temporaryFolder();

describe('sendDescriptors', () => {
  const server = `import socket,sys,os
s=socket.socket(socket.AF_UNIX);os.chdir(sys.argv[1]);s.bind(sys.argv[2]);s.listen();print("ready",flush=True)
c,_=s.accept();text,fds,_,_=socket.recv_fds(c,100,9);print(text.decode(),[os.readlink("/proc/self/fd/%d"%f) for f in fds],flush=True)`;

  test.each([['short'], [`${'long/'.repeat(30)}`]])('to a socket in a folder with a %s name', async (name) => {
    const directory = at(`sockets/${name}`);
    mkdirSync(directory, { recursive: true });
    const child = spawn('python3', ['-c', server, directory, 'sock']);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    const fd = addon.open('/dev/null', constants.O_RDONLY, 0);
    addon.sendDescriptors(join(directory, 'sock'), 'console', [fd, fd]);
    addon.close(fd);
    expect((await lines.next()).value).toBe("console ['/dev/null', '/dev/null']");
  });

  test('nobody listens', () => {
    expect(withoutLeak(() => thrown(() => addon.sendDescriptors(at('no-socket'), 'x', []))).code).toBe('ENOENT');
  });
});

describe('streams', () => {
  const server = `import socket,sys
s=socket.socket(socket.AF_UNIX);s.bind(sys.argv[1].replace("@","\\0",1));s.listen();print("ready",flush=True)
c,_=s.accept();c.sendall(c.recv(9)[::-1]);print(c.recv(9).decode(),flush=True);c.close();print("closed",flush=True)`;

  test.each([
    ['a path', () => at('stream')],
    ['the abstract namespace', () => `@runts-addon-${process.pid}`],
  ])('to %s', async (_, name) => {
    const child = spawn('python3', ['-c', server, name()]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    const fd = addon.connectStream(name());
    expect(addon.receiveBytes(fd, 10)).toBeNull();
    addon.sendBytes(fd, Uint8Array.of(1, 2, 0));
    expect(addon.pollIn([fd], 5_000)).toEqual([0]);
    expect([addon.receiveBytes(fd, 2), addon.receiveBytes(fd, 2)]).toEqual([Uint8Array.of(0, 2), Uint8Array.of(1)]);
    addon.sendBytes(fd, new TextEncoder().encode('bye'));
    expect((await lines.next()).value).toBe('bye');
    await lines.next();
    expect(addon.receiveBytes(fd, 2)).toEqual(new Uint8Array());
    expect(thrown(() => addon.sendBytes(fd, Uint8Array.of(1)))).toMatchObject({ code: 'EPIPE', syscall: 'sendmsg' });
    addon.close(fd);
  });

  test('nobody listens', () => {
    expect(withoutLeak(() => thrown(() => addon.connectStream(at('no-stream'))))).toMatchObject({ code: 'ENOENT', path: at('no-stream') });
    expect(thrown(() => addon.connectStream('')).code).toBe('ENOENT');
  });
});
