import { malformed } from './error.ts';
import { decodeMessage, type Message, messageSize, PREFIX_SIZE } from './message.ts';

/** Longest line of the authentication, in bytes: the specification has no limit, the reference implementation this one. */
const LINE_LIMIT = 16_384;

const NEWLINE = 0x0a;

/** What was received and not yet looked at, however it was cut on the way. */
export class Inbox {
  private bytes = new Uint8Array(4096);
  private start = 0;
  private end = 0;

  push(received: Uint8Array): void {
    const kept = this.end - this.start;
    if (this.end + received.length > this.bytes.length) {
      const room = kept + received.length > this.bytes.length / 2 ? new Uint8Array(2 * (kept + received.length)) : this.bytes;
      room.set(this.bytes.subarray(this.start, this.end));
      this.bytes = room;
      this.start = 0;
      this.end = kept;
    }
    this.bytes.set(received, this.end);
    this.end += received.length;
  }

  private take(size: number): Uint8Array {
    this.start += size;
    return this.bytes.slice(this.start - size, this.start);
  }

  /** The next line of the authentication without its end; undefined when it is not all there. @throws BusError EBADMSG */
  line(): string | undefined {
    const waiting = this.bytes.subarray(this.start, this.end);
    const length = waiting.indexOf(NEWLINE);
    if ((length < 0 ? waiting.length : length) > LINE_LIMIT) throw malformed('the authentication has no end of line');
    if (length < 0) return undefined;
    return new TextDecoder().decode(this.take(length + 1)).replace(/\r?\n$/, '');
  }

  /** The next message; undefined when it is not all there. @throws BusError EBADMSG, EINVAL (a signature) */
  message(): Message | undefined {
    const waiting = this.bytes.subarray(this.start, this.end);
    if (waiting.length < PREFIX_SIZE) return undefined;
    const size = messageSize(waiting);
    return waiting.length < size ? undefined : decodeMessage(this.take(size));
  }
}
