/** Requests to the API in few words, and queues that do what a test wants. */
import { connect } from 'node:net';
import { AppError } from '../../src/base/errors.ts';
import type { DeadLetter, Queues } from '../../src/report/api/context.ts';
import type { Service } from './service.ts';

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

export const json = (body: unknown): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const bytes = (
  body: Uint8Array | string,
  type = 'application/octet-stream',
): RequestInit => ({
  headers: { 'content-type': type },
  body: body as string,
});

/** A request that stops in the middle, and what came back. */
export function halfSent(
  { port }: Service,
  head: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n`));
    socket.on('data', (data) => (said += data.toString()));
    socket.on('error', reject).on('close', () => {
      const [start = '', body = ''] = said.split('\r\n\r\n');
      resolve({ status: Number(start.split(' ')[1]), body });
    });
  });
}

export const away = new AppError('E_REDIS_AWAY', 'Redis does not answer', 'is it running?');

const letter: DeadLetter = {
  queue: 'captures',
  id: 'j_1',
  reason: 'crashed three times',
  failedAt: '2026-03-01T12:00:00Z',
  attempts: 3,
  payload: { v: 1, job: 'j_1' },
};

export function queuesWith(changes: Partial<Queues>): Queues {
  return {
    submit: async () => {},
    cancel: async () => {},
    deliver: async () => {},
    deadLetters: async () => [letter],
    redrive: async (_, id) => id === letter.id,
    ...changes,
  };
}
