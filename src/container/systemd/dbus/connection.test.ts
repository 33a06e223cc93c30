import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { Connection } from './connection.ts';
import { encodeCall, type Message, messageTypes } from './message.ts';

/** A peer that sends these bytes to whoever connects, and says so. */
const peer = `
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listening", flush=True)
connection, _ = listener.accept()
connection.sendall(bytes.fromhex(sys.argv[2]))
print("sent", flush=True)
connection.recv(1)
`;

test('what has come in time counts, however late it is looked at; then time is up', async () => {
  const signal = encodeCall({ destination: 'a.b', path: '/', interface: 'a.b', member: 'M', signature: '', arguments: [] }, 1);
  signal[1] = messageTypes.signal;
  const folder = mkdtempSync(join(tmpdir(), 'runts-peer-'));
  const server = spawn('python3', ['-c', peer, join(folder, 'socket'), Buffer.from(signal).toString('hex')]);
  try {
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('listening');
    const seen: Message[] = [];
    const connection = new Connection(join(folder, 'socket'), (message) => seen.push(message));
    expect((await lines.next()).value).toBe('sent');
    connection.receiveUntil(() => seen.length === 1, 0, 'signal');
    expect(() => connection.receiveUntil(() => seen.length === 2, 0, 'second signal')).toThrow('ETIMEDOUT');
    connection.close();
  } finally {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
