import { Trace } from '../container/trace.ts';
import { childTraceparent } from '../container/trace-context.ts';
import { addon } from '../native/addon.ts';
import { commit, version } from '../version.ts';

/**
 * Runs a verb and writes where its time went, also when it fails.
 * @throws SystemError when the file cannot be written
 */
export async function traceCall(file: string, verb: string, call: (trace: Trace) => number | Promise<number>): Promise<number> {
  const trace = new Trace();
  const start = addon.now();
  const before = addon.loadedAt();
  trace.add('runtime', { name: 'load the program', category: 'runtime', start: before, duration: start - before });
  try {
    return await call(trace);
  } finally {
    trace.add('runtime', { name: verb, category: 'verb', start, duration: addon.now() - start });
    const about = { version, commit, traceparent: process.env['TRACEPARENT'], child: childTraceparent(process.env['TRACEPARENT']) };
    addon.writeFile(file, trace.json(about), 0o600);
  }
}
