/** A real HTTP server on loopback that remembers what it was sent and answers as it is told. */
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

export interface Endpoint {
  readonly url: string;
  readonly received: Received[];
  /** TCP connections, whether or not a request came. */
  connections: number;
  /** Called for every request; the default answers 204. */
  answer: (response: ServerResponse, received: Received) => void;
  /** Resolves once so many requests have come. */
  until(count: number): Promise<void>;
}

function serve(endpoint: Endpoint, waiting: Set<() => void>): Server {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const received = { headers: request.headers, body, atMs: Date.now() };
      endpoint.received.push(received);
      endpoint.answer(response, received);
      for (const look of waiting) look();
    });
  });
  server.on('connection', () => endpoint.connections++);
  return server;
}

function made(waiting: Set<() => void>): Endpoint & { url: string } {
  return {
    url: '',
    received: [],
    connections: 0,
    answer: (response) => void response.writeHead(204).end(),
    until(count) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (this.received.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
  };
}

export async function withEndpoint<T>(
  use: (endpoint: Endpoint) => Promise<T>,
  host = '127.0.0.1',
): Promise<T> {
  const waiting = new Set<() => void>();
  const endpoint = made(waiting);
  const server = serve(endpoint, waiting);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  endpoint.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/hook`;
  try {
    return await use(endpoint);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
