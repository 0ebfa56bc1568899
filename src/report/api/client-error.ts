/**
 * What never becomes a request: a head that is no HTTP, too large, or too slow. Fastify sees none of it, so the problem is
 * written on the bare connection, which is closed then.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from './problem.ts';

function problemOf(code: string | undefined): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('body-timeout', 'the head of the request did not come in time');
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', 'the head of the request is too large');
    default:
      return new Problem('bad-request', 'this is no HTTP/1.1 request');
  }
}

function answerOf(problem: Problem): string {
  const text = problem.text();
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}

/** Node's own field: the answer that is on its way on this connection. A second one would be taken for a part of it. */
const isAnswering = (socket: Socket): boolean =>
  (socket as { _httpMessage?: { headersSent: boolean } | null })._httpMessage?.headersSent === true;

export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  socket.end(answerOf(problemOf(error.code)), () => socket.destroy());
}
