/** Clients that no library would be: they write what they like, go on when they are told to stop, or go away. */
import { connect, type Socket } from 'node:net';

export const POST = 'POST /api/v1/captures HTTP/1.1\r\nHost: localhost\r\n';

export interface Heard {
  readonly text: string;
  readonly milliseconds: number;
}

/** Sends `head`, then `body` for as long as the other side lets it; what was answered until the connection was closed. */
export function stubborn(port: number, head: string, body: () => Buffer | null): Promise<Heard> {
  const began = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const pump = () => {
      for (let chunk = body(); chunk !== null; chunk = body()) {
        if (!socket.writable || !socket.write(chunk)) return;
      }
    };
    socket.on('connect', () => {
      socket.write(head);
      pump();
    });
    socket.on('drain', pump);
    socket.on('data', (data) => (text += data.toString()));
    socket.on('error', () => {});
    socket.on('close', () => {
      resolve({ text, milliseconds: performance.now() - began });
    });
  });
}

/** A connection on which `bytes` were sent, and that stays as it is. */
export function begun(port: number, ...bytes: readonly (string | Uint8Array)[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part))), () => resolve(socket));
    });
    socket.once('error', reject);
  });
}

/** A form by hand: no library would write such a name. `name` is raw. */
export function formOf(name: string, content: Uint8Array): { body: Buffer; type: string } {
  const boundary = 'hostile-boundary';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n`;
  const type = 'Content-Type: application/octet-stream\r\n\r\n';
  const end = `\r\n--${boundary}--\r\n`;
  const body = Buffer.concat([
    Buffer.from(head + type, 'latin1'),
    content,
    Buffer.from(end, 'latin1'),
  ]);
  return { body, type: `multipart/form-data; boundary=${boundary}` };
}
