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
import { AddressRefused, type Way, type Ways } from './guard/agent.ts';

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
  readonly ways: Ways;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Cut off in its body: the status had been said, and that is what counts. */
function beginningOf(answer: IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let seen = 0;
  answer.on('data', (chunk: Buffer) => {
    if (seen < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - seen));
    seen += chunk.length;
    if (seen >= READ_BYTES) answer.destroy();
  });
  return new Promise((resolve) => {
    answer.on('error', () => {});
    answer.once('close', () => resolve(Buffer.concat(kept).toString('utf8')));
  });
}

function answered(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** Until when, and who else may end it. One object with one timer: AbortSignals cost more than the request. */
class Limit {
  why: string | null = null;
  /** Rejected when it is over: a look-up knows no end of its own, and must not hold the delivery. */
  readonly over: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  #request: ClientRequest | null = null;
  #reject: (reason: Error) => void = () => {};

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.over = new Promise((_, reject) => (this.#reject = reject));
    this.over.catch(() => {});
    this.#timer = setTimeout(() => this.#end(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#stop);
    if (signal?.aborted === true) this.#stop();
  }

  /** Throws when it is over already. */
  holds(request: ClientRequest): void {
    this.#request = request;
    if (this.why !== null) request.destroy(new Error(this.why));
  }

  done(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#stop);
  }

  readonly #stop = (): void => this.#end('stopped');

  #end(why: string): void {
    this.why ??= why;
    const error = new Error(why);
    this.#request?.destroy(error);
    this.#reject(error);
  }
}

interface Tried {
  readonly request: ClientRequest;
  readonly answer: Promise<Answer>;
}

async function answerOf(request: ClientRequest, body: string): Promise<Answer> {
  const answer = await answered(request, body);
  return {
    kind: 'status',
    status: answer.statusCode ?? 0,
    retryAfter: answer.headers['retry-after'] ?? null,
    body: await beginningOf(answer),
  };
}

function tried({ url, headers, body }: Outgoing, { agent, lookup }: Way, limit: Limit): Tried {
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const length = String(Buffer.byteLength(body));
  const options = {
    method: 'POST',
    agent,
    lookup,
    headers: { ...headers, 'content-length': length },
  };
  const request = ask(url, options);
  limit.holds(request);
  return { request, answer: answerOf(request, body) };
}

/** Also where the name has moved on to another allowed address, which the kept agent does not know. */
async function sendAfresh(outgoing: Outgoing, ways: Ways, limit: Limit): Promise<Answer> {
  const way = await ways.once(outgoing.url);
  try {
    return await tried(outgoing, way, limit).answer;
  } finally {
    way.agent.destroy();
  }
}

/**
 * A kept connection may have been closed by the other side while nobody looked: that says nothing of the
 * endpoint, so it is asked once more over a new one (RFC 9110 §9.2.2 leaves that to who knows that a
 * request may come twice: ours has an id).
 */
async function send(outgoing: Outgoing, ways: Ways, limit: Limit): Promise<Answer> {
  const way = await ways.to(outgoing.url);
  const { request, answer } = tried(outgoing, way, limit);
  try {
    return await answer;
  } catch (thrown) {
    const stale = request.reusedSocket || isFiltered(thrown);
    if (limit.why !== null || !stale) throw thrown;
    return sendAfresh(outgoing, ways, limit);
  }
}

/** The package refuses with a sentence of its own; it only comes to that when the look-up changed. */
const isFiltered = (thrown: unknown): boolean =>
  thrown instanceof Error && /^DNS lookup .* is not allowed/.test(thrown.message);

const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof AddressRefused || isFiltered(thrown);

const sentence = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown instanceof AggregateError) return thrown.errors.map(sentence).join('; ');
  return thrown.message;
};

/** Never throws: whatever happened is an answer. */
export async function post(
  outgoing: Outgoing,
  { ways, signal, timeoutMs = TIMEOUT_MS }: PostOptions,
): Promise<Answer> {
  const limit = new Limit(timeoutMs, signal);
  try {
    return await Promise.race([send(outgoing, ways, limit), limit.over]);
  } catch (thrown) {
    if (limit.why !== null) return { kind: 'failed', why: limit.why };
    return { kind: isRefusal(thrown) ? 'refused' : 'failed', why: sentence(thrown) };
  } finally {
    limit.done();
  }
}
