import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';

/**
 * A message of protocol buffers by the numbers of its fields, which are those of CRI's api.proto (runtime.v1): a string, a number, a message, or
 * several of one field.
 */
export interface Message {
  readonly [field: number]: Value | readonly Value[];
}
type Value = string | number | Message;

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function encodeField(field: number, value: Value): Buffer {
  if (typeof value === 'number') return Buffer.from([...varint(field * 8), ...varint(value)]);
  const content = typeof value === 'string' ? Buffer.from(value) : encode(value);
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
}

function encode(message: Message): Buffer {
  const fields = Object.entries(message) as [string, Value | Value[]][];
  return Buffer.concat(fields.flatMap(([field, values]) => [values].flat().map((value) => encodeField(Number(field), value))));
}

/** Fields of a message that was received: numbers as they are, all else as bytes. Of several of one field the last. */
export function decode(bytes: Buffer): Map<number, number | Buffer> {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const found = new Map<number, number | Buffer>();
  while (at < bytes.length) {
    const key = next();
    const field = Math.floor(key / 8);
    if (key % 8 === 0) found.set(field, next());
    else if (key % 8 === 2) {
      const end = next() + at;
      found.set(field, bytes.subarray(at, end));
      at = end;
    } else throw new Error(`a field of wire type ${key % 8}`);
  }
  return found;
}

/** What the kubelet is to containerd: a client of its container runtime interface, which is gRPC on a socket. */
export class Cri {
  private readonly session: ClientHttp2Session;

  constructor(socket: string) {
    this.session = connect('http://localhost', { createConnection: () => connectSocket(socket) });
  }

  /** @param method of the runtime service, as `RunPodSandbox`; @throws Error with what the service says */
  call(method: string, request: Message): Promise<Map<number, number | Buffer>> {
    return new Promise((resolve, reject) => {
      const headers = {
        ':method': 'POST',
        ':path': `/runtime.v1.RuntimeService/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      };
      const stream = this.session.request(headers);
      const chunks: Buffer[] = [];
      let status: Record<string, unknown> = {};
      stream.on('response', (received) => {
        status = received;
      });
      stream.on('trailers', (received) => {
        status = received;
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => {
        if (status['grpc-status'] !== '0') reject(new Error(`${method}: ${decodeURIComponent(String(status['grpc-message']))}`));
        else resolve(decode(Buffer.concat(chunks).subarray(5)));
      });
      const body = encode(request);
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(body.length, 1);
      stream.end(Buffer.concat([prefix, body]));
    });
  }

  close(): void {
    this.session.destroy();
  }
}
