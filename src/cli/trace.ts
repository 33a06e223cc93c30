import { Trace } from '../container/trace.ts';
import { childTraceparent } from '../container/trace-context.ts';
import { RuntimeError } from '../errors.ts';
import { addon } from '../native/addon.ts';
import { commit, version } from '../version.ts';

/**
 * Runs a verb and writes where its time went, also when it fails. The file is opened first: a command that cannot be traced does nothing. Its
 * name may come from the environment and lie where others can write, so that it follows no link and overwrites nobody's file.
 * @throws SystemError when the file cannot be written
 */
export async function traceCall(file: string, verb: string, call: (trace: Trace) => number | Promise<number>): Promise<number> {
  const fd = addon.openOwnFile(file, 0o600);
  const trace = new Trace();
  const start = addon.now();
  const before = addon.loadedAt();
  trace.add('runtime', { name: 'load the program', category: 'runtime', start: before, duration: start - before });
  try {
    return await call(trace);
  } catch (error) {
    if (error instanceof RuntimeError) {
      const { step, code, pointer, syscall, errno, message } = error;
      trace.fail(step ?? verb, { code, pointer, syscall, errno, message });
    }
    throw error;
  } finally {
    trace.add('runtime', { name: verb, category: 'verb', start, duration: addon.now() - start });
    const about = { version, commit, traceparent: process.env['TRACEPARENT'], child: childTraceparent(process.env['TRACEPARENT']) };
    addon.writeFd(fd, trace.json(about));
    addon.close(fd);
  }
}
