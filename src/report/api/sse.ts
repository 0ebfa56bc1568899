/**
 * Server-sent events (WHATWG HTML §9.2): one writer per listener that never holds more than a bounded amount for a
 * listener who does not read. It is `full` then, and whoever feeds it goes on when it has drained.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { visibleJson } from '../visible.ts';

/** Chosen: below the idle timeouts of proxies. Also finds listeners who have gone without a word. */
export const BEAT_MS = 15_000;
/** Chosen: some hundred findings. */
const UNREAD_BYTES = 256 * 1024;

export interface Listener {
  send(message: { id: string; event: string; data: unknown }): void;
  /** No more will come. */
  end(): void;
  onGone(callback: () => void): void;
  onDrain(callback: () => void): void;
  readonly gone: boolean;
  /** Enough lies unread. */
  readonly full: boolean;
}

class Stream implements Listener {
  readonly #raw: ServerResponse;
  readonly #beat: NodeJS.Timeout;
  gone = false;

  constructor(raw: ServerResponse, beatMs: number) {
    this.#raw = raw;
    this.#beat = setInterval(() => {
      if (!this.full) this.#write(': beat\n\n');
    }, beatMs);
    this.onGone(() => {
      this.gone = true;
      clearInterval(this.#beat);
    });
  }

  onGone(callback: () => void): void {
    this.#raw.once('close', callback);
  }

  onDrain(callback: () => void): void {
    this.#raw.on('drain', callback);
  }

  get full(): boolean {
    return this.#raw.writableLength > UNREAD_BYTES;
  }

  #write(text: string): void {
    if (this.gone) return;
    this.#raw.write(text);
  }

  send({ id, event, data }: { id: string; event: string; data: unknown }): void {
    this.#write(`id: ${id}\nevent: ${event}\ndata: ${visibleJson(JSON.stringify(data))}\n\n`);
  }

  end(): void {
    if (!this.gone) this.#raw.end();
  }
}

/** The reply becomes a stream; Fastify has no more to do with it. */
export function openStream(reply: FastifyReply, beatMs: number): Listener {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx holds answers back otherwise
    'x-accel-buffering': 'no',
  });
  // Headers and the time after which a browser tries again go out at once.
  raw.write('retry: 2000\n\n');
  return new Stream(raw, beatMs);
}

/** Where a listener left off; null when it is new, or says something that is none of ours. */
export function lastEventId(request: FastifyRequest): number | null {
  const text = request.headers['last-event-id'];
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
