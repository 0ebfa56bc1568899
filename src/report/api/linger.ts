/**
 * An answer before the request was read to its end. A server that closes then, with bytes unread, makes the kernel send a
 * reset, and a client that is still sending may never see the answer. So: the answer goes out whole at once, with
 * "Connection: close", and what still comes is thrown away for a moment before the connection is closed
 * (RFC 9112 §9.6).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from './problem.ts';

/** Chosen: long enough for an answer to cross the world and for a client to look up from sending. */
const LINGER_MS = 2000;

export function answerEarly(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  const text = Buffer.from(problem.text());
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(problem.status, {
    ...(reply.getHeaders() as Record<string, string>),
    ...problem.headers,
    'content-type': 'application/problem+json',
    'content-length': text.length,
    connection: 'close',
  });
  raw.write(text);
  const close = () => {
    clearTimeout(timer);
    raw.end();
  };
  const timer = setTimeout(close, LINGER_MS);
  request.raw.on('end', close).on('error', close).on('close', close).resume();
}
