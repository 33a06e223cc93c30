/** Calls of systemd's manager (org.freedesktop.systemd1(5)). */

import { addon } from '../../../native/addon.ts';
import type { SystemError } from '../../../native/system-error.ts';
import type { BusValue } from '../../../spec/unit-properties.ts';
import { type Endpoint, endpoints } from './address.ts';
import { Connection } from './connection.ts';
import { BusError, malformed } from './error.ts';
import type { Message, MethodCall } from './message.ts';

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };
const MANAGER = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
};
const JOB_REMOVED = `type='signal',sender='${MANAGER.destination}',path='${MANAGER.path}',interface='${MANAGER.interface}',member='JobRemoved'`;

export interface ManagerCall {
  /** Whether the user's manager is called, not the system's. */
  readonly user: boolean;
  readonly method: string;
  readonly signature: string;
  /** One value per complete type of the signature. */
  readonly arguments: readonly BusValue[];
  /** Whether the method starts a job, whose end is to be awaited. */
  readonly job: boolean;
  /** For each answer, and for the job. */
  readonly timeoutMs: number;
}

/** Jobs that have ended since the connection was opened. */
class EndedJobs {
  private readonly results: { readonly job: string; readonly sender: string | undefined; readonly result: string }[] = [];

  note(signal: Message): void {
    const { path, interface: name, member, signature, sender } = signal;
    if (path !== MANAGER.path || name !== MANAGER.interface || member !== 'JobRemoved' || signature !== 'uoss') return;
    const [, job, , result] = signal.body('uoss') as [number, string, string, string];
    this.results.push({ job, sender, result });
  }

  /** @param sender who has to have said so: anybody on a bus may send a signal to anybody */
  resultOf(job: string, sender: string | undefined): string | undefined {
    return this.results.find((ended) => ended.job === job && ended.sender === sender)?.result;
  }
}

interface Failure {
  readonly socket: string;
  readonly error: SystemError | BusError;
}

function unreachable(failures: readonly Failure[]): Failure['error'] {
  // Whoever was connected to has more to say than those who are not there.
  const met = failures.find(({ error }) => error.syscall !== 'connect') ?? (failures.length === 1 ? failures[0] : undefined);
  if (met) return met.error;
  const code = failures[0]?.error.code ?? 'ENOENT';
  return new BusError(code, 'connect', failures.map(({ socket, error }) => `'${socket}' (${error.code})`).join(', '));
}

/** One visit to a manager: connected, and ready for calls. */
class Manager {
  readonly jobs = new EndedJobs();
  private readonly timeoutMs: number;
  private readonly connection: Connection;
  private readonly isBus: boolean;

  private constructor({ socket, isBus }: Endpoint, timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.isBus = isBus;
    this.connection = new Connection(socket, (signal) => this.jobs.note(signal));
  }

  /** Calls `body` while there is a connection. @throws BusError, SystemError */
  static visit<T>(user: boolean, timeoutMs: number, body: (manager: Manager) => T): T {
    const manager = Manager.reach(endpoints(user, process.env, addon.geteuid() === 0), timeoutMs);
    try {
      return body(manager);
    } finally {
      manager.connection.close();
    }
  }

  /** The first that answers: a socket that systemd listens on for a bus may have no bus behind it. @throws BusError, SystemError */
  private static reach(candidates: readonly Endpoint[], timeoutMs: number): Manager {
    const failures: Failure[] = [];
    for (const endpoint of candidates) {
      try {
        return new Manager(endpoint, timeoutMs).greet();
      } catch (error) {
        failures.push({ socket: endpoint.socket, error: error as Failure['error'] });
      }
    }
    throw unreachable(failures);
  }

  private greet(): this {
    try {
      this.connection.authenticate(this.timeoutMs);
      if (this.isBus) this.call({ ...BUS, member: 'Hello', signature: '', arguments: [] });
      return this;
    } catch (error) {
      this.connection.close();
      throw error;
    }
  }

  call(call: MethodCall): Message {
    return this.connection.call(call, this.timeoutMs);
  }

  /** Signals of the manager are sent only to those who have asked for them. */
  subscribe(): void {
    if (this.isBus) this.call({ ...BUS, member: 'AddMatch', signature: 's', arguments: [JOB_REMOVED] });
    this.call({ ...MANAGER, member: 'Subscribe', signature: '', arguments: [] });
  }

  /** How the job ends that the reply names. */
  resultOf(reply: Message): string {
    const [job] = reply.body('o') as [string];
    const result = (): string | undefined => this.jobs.resultOf(job, reply.sender);
    this.connection.receiveUntil(() => result() !== undefined, this.timeoutMs, `end of the job ${job}`);
    return result() ?? '';
  }
}

/**
 * Calls a method of the manager.
 * @returns with `job`, the result of the job that the method starts, "done" when all went well; else undefined
 * @throws BusError, SystemError
 */
export function callManager({ user, method, signature, arguments: values, job, timeoutMs }: ManagerCall): string | undefined {
  return Manager.visit(user, timeoutMs, (manager) => {
    if (job) manager.subscribe();
    const reply = manager.call({ ...MANAGER, member: method, signature, arguments: values });
    return job ? manager.resultOf(reply) : undefined;
  });
}

/**
 * A property of the manager that is a string.
 * @throws BusError, SystemError
 */
export function managerProperty(user: boolean, name: string, timeoutMs: number): string {
  const { destination, path, interface: owner } = MANAGER;
  const properties = { destination, path, interface: 'org.freedesktop.DBus.Properties' };
  return Manager.visit(user, timeoutMs, (manager) => {
    const reply = manager.call({ ...properties, member: 'Get', signature: 'ss', arguments: [owner, name] });
    const [[type, value]] = reply.body('v') as [[string, BusValue]];
    if (type !== 's') throw malformed(`the property ${name} is of type ${JSON.stringify(type)}`);
    return value as string;
  });
}
