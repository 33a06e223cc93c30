// A thread of the library: carries out one operation after the other.
import { randomBytes } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { Context } from '../container/context.ts';
import { failureOf } from './failure.ts';
import { KnownPlans } from './known-plans.ts';
import type { Report, Task } from './messages.ts';
import { perform } from './operations.ts';

/** What a Runtime says of its context: the rest are functions. */
export type Settings = Pick<Context, 'root' | 'cgroupDriver' | 'filterCache' | 'allowedAnnotations' | 'durable' | 'guard'>;

const say = (report: Report): void => parentPort?.postMessage(report);

const plans = new KnownPlans(`id${randomBytes(16).toString('hex')}`);

const contextOf = (settings: Settings): Context => ({
  ...settings,
  rootIsDefault: false,
  keepsChildren: true,
  plans,
  claimed: (directory) => say({ kind: 'claimed', directory }),
  warn: (warning) => say({ kind: 'warning', warning }),
  debug: () => {},
});

function carryOut({ task: { operation, request }, settings }: { readonly task: Task; readonly settings: Settings }): Report {
  try {
    return { kind: 'done', result: perform(operation, contextOf(settings), request) };
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) };
  }
}

parentPort?.on('message', (message: Parameters<typeof carryOut>[0]) => say(carryOut(message)));
