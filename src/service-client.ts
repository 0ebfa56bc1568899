/**
 * A running service, as the commands speak to it: `submit`, `work`, `dead` and `check --server`.
 *
 * Where it is: --server, else DEADAIR_SERVER, else loopback. Who asks: the token in --token-file, DEADAIR_TOKEN_FILE or
 * DEADAIR_TOKEN; never on the command line, where every user of the host reads it.
 */
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { AppError, type ErrorCode } from './base/errors.ts';
import { hintFor } from './capture/problems.ts';
import type { Settings } from './config.ts';

const DEFAULT_SERVER = 'http://127.0.0.1:8686';

/** Chosen: an answer that does not come in half a minute will not be waited for. */
const ANSWER_MS = 30_000;
/** Chosen: larger than any answer but a report, which is streamed. */
const ANSWER_BYTES = 2 ** 29 - 24;

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Or streamed, whatever it takes: no time limit but that of the answer behind it. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

export interface ServiceClient {
  readonly url: URL;
  /** The answer's headers are there, its body not read; statuses of 400 and above are thrown. */
  open(path: string, asked?: Asked): Promise<IncomingMessage>;
  /** Text of the answer. */
  text(path: string, asked?: Asked): Promise<string>;
  /** The answer as JSON. */
  json(path: string, asked?: Asked): Promise<unknown>;
}

function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new AppError(
    'E_USAGE',
    `--server: "${text}" is no http or https address`,
    `write it as ${DEFAULT_SERVER}`,
  );
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    throw new AppError(
      'E_USAGE',
      `the token file ${file} cannot be read: ${code}`,
      'a file that holds the token alone',
      thrown,
    );
  }
}

/** HTTP status → what kind of mistake it is. */
const REFUSALS: Readonly<Record<number, ErrorCode>> = {
  401: 'E_SERVER_DENIED',
  403: 'E_SERVER_DENIED',
  421: 'E_SERVER_DENIED',
};

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly code?: string;
}

const HINTS: Readonly<Record<ErrorCode | string, string>> = {
  E_SERVER_DENIED: 'give a token that may: --token-file or DEADAIR_TOKEN',
  E_SERVER_REFUSED: 'see the message of the service',
  E_CAPTURE_FILTER: hintFor('E_CAPTURE_FILTER'),
};

function problemIn(text: string): Problem {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

/** A filter that libpcap does not compile is a mistake of the command line, whoever found it. */
function codeOf(status: number, { code }: Problem): ErrorCode {
  if (status === 400 && code === 'E_CAPTURE_FILTER') return code;
  return REFUSALS[status] ?? (status >= 500 ? 'E_SERVER_FAILED' : 'E_SERVER_REFUSED');
}

function refusal(status: number, text: string): AppError {
  const problem = problemIn(text);
  const { title, detail, hint } = problem;
  const code = codeOf(status, problem);
  const what = [title ?? `status ${status}`, detail].filter(Boolean).join(': ');
  return new AppError(
    code,
    `the service answered ${status}: ${what}`,
    hint ?? HINTS[code] ?? 'its log says more',
    { status },
  );
}

/** The HTTP status behind a refusal; null for anything else that was thrown. */
export const statusOf = (thrown: unknown): number | null =>
  ((thrown as AppError | null)?.cause as { status?: number } | undefined)?.status ?? null;

const unreachable = (url: URL, why: string, cause?: unknown): AppError =>
  new AppError(
    'E_SERVER_UNREACHABLE',
    `no service answers at ${url.origin}: ${why}`,
    'start one with `deadair serve`, or name it with --server',
    cause,
  );

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES) throw new Error(`an answer of more than ${ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** A service may answer before it has read everything (too large, no capture): that answer is what counts. */
async function sendAll(
  sink: NodeJS.WritableStream,
  stream: AsyncIterable<Uint8Array>,
  answered: () => boolean,
): Promise<void> {
  for await (const part of stream) {
    if (answered()) return;
    if (!sink.write(part)) {
      await new Promise<void>((resolve) => {
        const go = () => {
          sink.off('drain', go).off('close', go).off('response', go);
          resolve();
        };
        sink.on('drain', go).on('close', go).on('response', go);
      });
    }
  }
  sink.end();
}

export class HttpServiceClient implements ServiceClient {
  readonly url: URL;
  readonly #token: string | null;

  constructor(url: URL, token: string | null) {
    this.url = url;
    this.#token = token;
  }

  #options(asked: Asked, body: string | null): RequestOptions {
    const headers: Record<string, string | number> = { ...asked.headers };
    if (this.#token !== null) headers['authorization'] = `Bearer ${this.#token}`;
    if (body !== null) headers['content-type'] = 'application/json';
    if (body !== null) headers['content-length'] = Buffer.byteLength(body);
    return {
      method: asked.method ?? 'GET',
      headers,
      ...(asked.signal === undefined ? {} : { signal: asked.signal }),
    };
  }

  #answer(path: string, asked: Asked): Promise<IncomingMessage> {
    const url = new URL(path, this.url);
    const body = asked.body === undefined ? null : JSON.stringify(asked.body);
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
    return new Promise((resolve, reject) => {
      let answered = false;
      const sent = send(url, this.#options(asked, body));
      sent.on('response', (answer) => {
        answered = true;
        resolve(answer);
      });
      sent.on('error', reject);
      const patience = () =>
        void sent.setTimeout(ANSWER_MS, () => sent.destroy(new Error('no answer in time')));
      sent.on('finish', patience);
      if (asked.stream === undefined) sent.end(body ?? undefined);
      else
        sendAll(sent, asked.stream, () => answered).catch((thrown: Error) => sent.destroy(thrown));
    });
  }

  async open(path: string, asked: Asked = {}): Promise<IncomingMessage> {
    let answer: IncomingMessage;
    try {
      answer = await this.#answer(path, asked);
    } catch (thrown) {
      if (asked.signal?.aborted === true || thrown instanceof AppError) throw thrown;
      const { code, message } = thrown as NodeJS.ErrnoException;
      throw unreachable(this.url, code ?? message, thrown);
    }
    const { statusCode = 0 } = answer;
    if (statusCode < 400) return answer;
    throw refusal(statusCode, await textOf(answer));
  }

  async text(path: string, asked: Asked = {}): Promise<string> {
    const answer = await this.open(path, asked);
    try {
      return await textOf(answer);
    } catch (thrown) {
      if (asked.signal?.aborted === true) throw thrown;
      throw unreachable(this.url, (thrown as Error).message, thrown);
    }
  }

  async json(path: string, asked: Asked = {}): Promise<unknown> {
    const text = await this.text(path, {
      ...asked,
      headers: { accept: 'application/json', ...asked.headers },
    });
    try {
      return JSON.parse(text) as unknown;
    } catch (thrown) {
      throw unreachable(this.url, 'what answers there is no deadair', thrown);
    }
  }
}

/** Throws E_USAGE for an address that is none, or a token file that cannot be read. */
export function serviceClient(settings: Settings): ServiceClient {
  const file = settings.text('token-file');
  const token = file === null ? settings.text('token') : tokenIn(file);
  return new HttpServiceClient(serverUrl(settings.text('server') ?? DEFAULT_SERVER), token);
}
