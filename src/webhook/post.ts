/**
 * One HTTP request of one delivery, and what came of it.
 *
 * 2xx alone is success; a redirect is never followed (it could lead where the guard would not). The
 * whole request has 15 s (Standard Webhooks, "Deliverability and reliability": 15–30 s); of the
 * answer a little is kept for the log, and reading stops soon after.
 */
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Reachable } from './guard/addresses.ts';
import { AddressRefused, wayTo } from './guard/agent.ts';

export const TIMEOUT_MS = 15_000;
/** Chosen: enough for a person to see what an endpoint complains of. */
const KEPT_BYTES = 1024;
/** Chosen: an endpoint that talks on is hung up on; its status is known by then. */
const READ_BYTES = 65_536;

export interface Outgoing {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Answer =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter: string | null;
      readonly body: string;
    }
  /** The guard let no connection happen. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

export interface PostOptions {
  readonly reach: Reachable;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let seen = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (seen < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - seen));
      seen += chunk.length;
      if (seen >= READ_BYTES) break;
    }
  } catch {
    // Cut off in its body: the status had been said, and that is what counts.
  }
  return Buffer.concat(kept).toString('utf8');
}

function answered(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function send({ url, headers, body }: Outgoing, reach: Reachable, signal: AbortSignal) {
  const { agent, lookup } = await wayTo(url, reach);
  signal.throwIfAborted();
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const length = String(Buffer.byteLength(body));
  const options = {
    method: 'POST',
    agent,
    lookup,
    signal,
    headers: { ...headers, 'content-length': length, connection: 'close' },
  };
  const request = ask(url, options);
  try {
    const answer = await answered(request, body);
    return {
      kind: 'status' as const,
      status: answer.statusCode ?? 0,
      retryAfter: answer.headers['retry-after'] ?? null,
      body: await beginningOf(answer),
    };
  } finally {
    request.destroy();
    agent.destroy();
  }
}

/** The package refuses with a sentence of its own; it only comes to that when the look-up changed. */
const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof AddressRefused ||
  (thrown instanceof Error && /^DNS lookup .* is not allowed/.test(thrown.message));

const sentence = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown instanceof AggregateError) return thrown.errors.map(sentence).join('; ');
  return thrown.message;
};

/** Never throws: whatever happened is an answer. */
export async function post(
  outgoing: Outgoing,
  { reach, signal, timeoutMs = TIMEOUT_MS }: PostOptions,
): Promise<Answer> {
  const late = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? late : AbortSignal.any([late, signal]);
  try {
    return await Promise.race([send(outgoing, reach, stop), aborted(stop)]);
  } catch (thrown) {
    if (late.aborted) return { kind: 'failed', why: `no answer within ${timeoutMs / 1000} s` };
    if (signal?.aborted === true) return { kind: 'failed', why: 'stopped' };
    return { kind: isRefusal(thrown) ? 'refused' : 'failed', why: sentence(thrown) };
  }
}

/** A look-up knows no signal: without this a hanging resolver would hold the delivery. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}
