/** Query → page, and the conditional answers of single documents. */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Page, parseCursor } from '../store/page.ts';
import { Problem } from './problem.ts';

export function pageFrom(query: {
  readonly limit: number;
  readonly cursor?: string | undefined;
}): Page {
  const { limit, cursor } = query;
  if (cursor === undefined) return { limit, after: null };
  const after = parseCursor(cursor);
  if (after === null) throw new Problem('bad-cursor', 'leave it out to begin at the newest');
  return { limit, after };
}

/** RFC 3339 → milliseconds. */
export function momentFrom(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  throw new Problem('bad-request', `${name}: write a time as in 2026-03-01T12:00:00Z`);
}

const matches = (header: string, tag: string): boolean =>
  header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === tag);

/** With an ETag of its content; 304 to whoever has it already (RFC 9110 §13.1.2). */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  document: unknown,
): FastifyReply {
  const hash = createHash('sha256').update(JSON.stringify(document)).digest('base64url');
  const tag = `"${hash.slice(0, 27)}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  if (matches(request.headers['if-none-match'] ?? '', tag)) return reply.code(304).send();
  return reply.send(document);
}
