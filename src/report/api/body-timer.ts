/**
 * A body may take as long as it needs, but not stand still: after 30 s without a byte the request ends with 408. A slow
 * sender costs a connection and a file handle; one that has gone away must not keep them.
 */
import { Transform, type TransformCallback } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

export const STILL_MS = 30_000;

class Watched extends Transform {
  /** Fastify compares it with Content-Length. */
  receivedEncodedLength = 0;
  readonly #stillMs: number;
  #timer: NodeJS.Timeout;

  constructor(stillMs: number) {
    super();
    this.#stillMs = stillMs;
    this.#timer = setTimeout(() => this.#late(), stillMs);
    this.once('close', () => clearTimeout(this.#timer));
  }

  #late(): void {
    const seconds = this.#stillMs / 1000;
    this.destroy(new Problem('body-timeout', `no byte came for ${seconds} s`));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.receivedEncodedLength += chunk.length;
    this.#timer.refresh();
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    clearTimeout(this.#timer);
    done();
  }
}

export function installBodyTimer(app: FastifyInstance, stillMs: number): void {
  app.addHook('preParsing', async (request, _reply, payload) => {
    if (request.routeOptions.config.ownBody === true) return payload;
    const watched = new Watched(stillMs);
    // Whoever reads it hears of it; a request that is refused unread has nobody who does.
    watched.on('error', () => {});
    payload.on('error', (error) => watched.destroy(error));
    // A client that goes away ends the stream without an error and without an end.
    request.raw.once('close', () => {
      if (!request.raw.complete)
        watched.destroy(new Problem('bad-request', 'the client went away'));
    });
    return payload.pipe(watched);
  });
}
