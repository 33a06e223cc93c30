import { addon } from '../../../native/addon.ts';
import { answeredError, BusError } from './error.ts';
import { Inbox } from './inbox.ts';
import { encodeCall, type Message, type MethodCall, messageTypes } from './message.ts';

/** Most that is received at once, in bytes. */
const CHUNK = 65_536;

/** The BusError of an ERROR message; what it says is its first value, when that is a string. */
function failureOf(message: Message, member: string): BusError {
  const { errorName = '', signature = '' } = message;
  const [text] = signature.startsWith('s') ? message.body(signature) : [];
  return answeredError(member, errorName, typeof text === 'string' ? text : '');
}

/** How long something is waited for. */
class Patience {
  /** By the monotonic clock, in milliseconds. */
  private readonly until: number;
  private isOver = false;

  constructor(timeoutMs: number) {
    this.until = addon.monotonic() + timeoutMs;
  }

  /**
   * Milliseconds that are left. Once time is up, one look at what has come by then: this process may have stood still meanwhile.
   * @throws BusError ETIMEDOUT
   */
  left(awaited: string): number {
    if (this.isOver) throw new BusError('ETIMEDOUT', awaited);
    const left = Math.max(0, Math.ceil(this.until - addon.monotonic()));
    this.isOver = left === 0;
    return left;
  }
}

/** One connection to a message bus, or to a peer. Every method throws what connect(2), send(2) and recv(2) say, as SystemError. */
export class Connection {
  private readonly fd: number;
  private readonly onSignal: (signal: Message) => void;
  private readonly inbox = new Inbox();
  private serial = 0;

  /**
   * Connects, without authentication.
   * @param socket a path, or "@" and a name in the abstract namespace
   * @param onSignal gets each signal that comes while something is waited for
   * @throws SystemError
   */
  constructor(socket: string, onSignal: (signal: Message) => void) {
    this.onSignal = onSignal;
    this.fd = addon.connectStream(socket);
  }

  close(): void {
    addon.close(this.fd);
  }

  /**
   * "Authentication Protocol", mechanism EXTERNAL. The identity is left out: it is the one that the kernel tells the peer. The effective uid
   * would be another where the caller is in a user namespace.
   * @throws BusError EPERM when it is refused, EBADMSG, ECONNRESET, ETIMEDOUT
   */
  authenticate(timeoutMs: number): void {
    const patience = new Patience(timeoutMs);
    // All at once: what systemd reads together with BEGIN it forgets until more comes, so that no call may follow BEGIN before the answers.
    this.send('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n');
    const refused = (answer: string) => new BusError('EPERM', 'D-Bus authentication', JSON.stringify(answer.slice(0, 200)));
    const toAuth = this.line(patience);
    // Before version 246 systemd took an AUTH without identity for all of it.
    if (!/^(DATA|OK)( |$)/.test(toAuth)) throw refused(toAuth);
    const toData = this.line(patience);
    if (!/^OK( |$)/.test(toData)) throw refused(toData);
  }

  /**
   * Calls a method.
   * @returns the reply
   * @throws BusError what the peer answers; EBADMSG, ECONNRESET, ETIMEDOUT; EINVAL, ERANGE, EMSGSIZE for arguments that cannot be sent
   */
  call(call: MethodCall, timeoutMs: number): Message {
    const patience = new Patience(timeoutMs);
    const serial = ++this.serial;
    addon.sendBytes(this.fd, encodeCall(call, serial));
    for (;;) {
      const message = this.message(patience, call.member);
      if (message.type === messageTypes.signal) this.onSignal(message);
      if (message.replySerial !== serial) continue;
      if (message.type === messageTypes.reply) return message;
      if (message.type === messageTypes.error) throw failureOf(message, call.member);
    }
  }

  /**
   * Receives signals until `isDone`.
   * @param awaited what the error of a timeout names
   * @throws BusError EBADMSG, ECONNRESET, ETIMEDOUT
   */
  receiveUntil(isDone: () => boolean, timeoutMs: number, awaited: string): void {
    const patience = new Patience(timeoutMs);
    while (!isDone()) {
      const message = this.message(patience, awaited);
      if (message.type === messageTypes.signal) this.onSignal(message);
    }
  }

  private send(text: string): void {
    addon.sendBytes(this.fd, new TextEncoder().encode(text));
  }

  private line(patience: Patience): string {
    return this.next(() => this.inbox.line(), patience, 'D-Bus authentication');
  }

  private message(patience: Patience, awaited: string): Message {
    return this.next(() => this.inbox.message(), patience, awaited);
  }

  private next<T>(take: () => T | undefined, patience: Patience, awaited: string): T {
    for (;;) {
      const taken = take();
      if (taken !== undefined) return taken;
      if (addon.pollIn([this.fd], patience.left(awaited)).length === 0) throw new BusError('ETIMEDOUT', awaited);
      const received = addon.receiveBytes(this.fd, CHUNK);
      if (received?.length === 0) throw new BusError('ECONNRESET', awaited, 'the connection was closed');
      if (received) this.inbox.push(received);
    }
  }
}
