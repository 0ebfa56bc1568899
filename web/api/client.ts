/** Asks the API. An answer that is no success is an ApiFailure, with the words of its problem (RFC 9457). */
import { tellReached } from './reach.ts';

export class ApiFailure extends Error {
  /** 0: the service was not reached. */
  readonly status: number;
  readonly type: string;

  constructor(status: number, message: string, type = '') {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.type = type;
  }
}

const UNREACHED = 'The service cannot be reached.';

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly type?: string;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  const words = [problem.title ?? `The service answered ${response.status}`, problem.detail];
  return new ApiFailure(response.status, words.filter(Boolean).join(': '), problem.type);
}

/** Where a wrong token is refused: no session has ended. */
export const SESSION = '/api/v1/session';

let onExpired: () => void = () => {};

/** Called whenever an answer says that nobody is logged in (any more). */
export function whenSessionExpires(listener: () => void): void {
  onExpired = listener;
}

export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (thrown) {
    if (init.signal?.aborted === true) throw thrown;
    tellReached(false);
    throw new ApiFailure(0, UNREACHED);
  }
  tellReached(true);
  if (response.status === 401 && path !== SESSION) onExpired();
  if (!response.ok) throw await failureOf(response);
  return (response.status === 204 ? null : await response.json()) as T;
}

export const send = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  ask<T>(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
