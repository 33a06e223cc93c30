// What nobody has any more counts as memory until the engine wants its room, in each thread.
import { Session } from 'node:inspector/promises';

/** The thread that waits in poll(2) answers nobody, and has nothing to collect. */
const answers = (url) => !url.includes('watch-worker');

/**
 * Collects the garbage of this thread and of all that it has started, through the protocol of debuggers, which alone reaches those.
 * @returns of how many threads beside this one
 */
export async function collectGarbage() {
  const session = new Session();
  session.connect();
  // Neither a session nor an idle thread does.
  const awake = setInterval(() => {}, 1000);
  try {
    const threads = [];
    const heard = new Map();
    session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
      if (JSON.parse(message).id === 1) heard.get(sessionId)?.();
    });
    session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      if (!answers(workerInfo.url)) return;
      const done = new Promise((resolve) => heard.set(sessionId, resolve));
      const message = JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' });
      threads.push(session.post('NodeWorker.sendMessageToWorker', { sessionId, message }).then(() => done));
    });
    await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    await session.post('HeapProfiler.collectGarbage');
    await Promise.all(threads);
    await session.post('NodeWorker.disable');
    return threads.length;
  } finally {
    clearInterval(awake);
    session.disconnect();
  }
}
