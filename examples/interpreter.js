// A code interpreter: whoever sends Python gets what it printed, and why it ended. Each request has a sandbox of its own, a few at a time, and nothing of one
// reaches another. As root: node examples/interpreter.js [PORT], and then: curl --data 'print(6 * 7)' http://localhost:8000
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { hostPrograms, Runtime, sandbox } from 'runts';

const [port = '8000'] = process.argv.slice(2);
const MOST_AT_A_TIME = 4;
const MOST_CODE = 100_000;

const runtime = new Runtime({ root: '/run/interpreter' });
const spec = sandbox({ ...hostPrograms('/var/tmp/interpreter-root'), args: ['python3', '-'], memory: 128 << 20, pids: 16, cpus: 0.5 });

/** Those who wait for a place. */
const queue = [];
let running = 0;

/** Runs code when there is a place for it; not at all when nobody waits for it any more. */
async function interpret(code, signal) {
  while (running >= MOST_AT_A_TIME) await new Promise((resolve) => queue.push(resolve));
  running++;
  try {
    return await runtime.run({ spec, input: code, timeout: 5_000, maxOutput: 100_000, signal });
  } finally {
    running--;
    queue.shift()?.();
  }
}

async function answer(request, response) {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  if (!(Number(request.headers['content-length']) <= MOST_CODE)) {
    response.writeHead(413).end();
    return;
  }
  const { reason, exitCode, stdout, stderr } = await interpret(await text(request), gone.signal);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ reason, exitCode, stdout, stderr })}\n`);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => {
    if (response.destroyed) return;
    console.error(error);
    response.writeHead(500).end();
  });
});
server.listen(Number(port), 'localhost');
await once(server, 'listening');
console.log(`listening on ${server.address().port}`);

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await runtime.close();
});
