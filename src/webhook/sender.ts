/**
 * One delivery at a time: looks at its row, sends it, writes down what came of it, and says when to look
 * again. The row alone decides; the queue may ask once too often and gets the same answer.
 */
import { AppError } from '../base/errors.ts';
import type { Database } from '../report/store/database.ts';
import {
  type Outgoing as Row,
  outgoingOf,
  redeliver,
  type Standing,
  standingOf,
} from '../report/store/deliveries.ts';
import { decide, type Decision } from './decide.ts';
import { bodyFor } from './format/format.ts';
import type { Reachable } from './guard/addresses.ts';
import { Ways } from './guard/agent.ts';
import { Lanes, type Leave } from './lanes.ts';
import { Ledger } from './ledger.ts';
import { Looks } from './looks.ts';
import type { Notice } from './notice.ts';
import { Opened } from './opened.ts';
import { type Answer, type Outgoing, post } from './post.ts';
import type { Seal } from './seal.ts';
import { signedHeaders } from './secret.ts';

export interface SenderOptions {
  readonly db: Database;
  readonly seal: Seal;
  readonly reach: Reachable;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** 0 to 1. */
  readonly random?: () => number;
  readonly timeoutMs?: number;
}

export type Sent =
  /** Nothing is left to do: delivered, or nobody wants it any more. */
  | { readonly kind: 'over' }
  | { readonly kind: 'later'; readonly inMs: number }
  /** Given up: for the dead letters. */
  | { readonly kind: 'dead'; readonly why: string };

const OVER: Sent = { kind: 'over' };

function outgoing(opened: Opened, row: Row, nowMs: number, version: string): Outgoing {
  const { settings, secrets, url } = opened.of(row);
  const { secret, previous, routingKey, headers } = secrets;
  const body = bodyFor(settings.format, row.notice as Notice, routingKey ?? '');
  const keys = previous !== null && previous.untilMs > nowMs ? [secret, previous.secret] : [secret];
  return {
    url,
    body,
    headers: {
      accept: '*/*',
      'user-agent': `deadair/${version}`,
      ...headers,
      'content-type': 'application/json',
      ...signedHeaders(row.id, body, nowMs, keys),
    },
  };
}

/** A secret that cannot be opened is no reason to try for three days. */
function prepared(...args: Parameters<typeof outgoing>): Outgoing | Answer {
  try {
    return outgoing(...args);
  } catch (thrown) {
    if (thrown instanceof AppError)
      return { kind: 'refused', why: `${thrown.code}: ${thrown.message}` };
    throw thrown;
  }
}

const problemOf = (decision: Decision): string | null =>
  decision.kind === 'delivered' ? null : decision.problem;

export class Sender {
  readonly #options: SenderOptions;
  readonly #ledger: Ledger;
  readonly #opened: Opened;
  readonly #ways: Ways;
  readonly #lanes = new Lanes();
  readonly #standing: Looks<Standing>;
  readonly #whole: Looks<Row>;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.db);
    this.#opened = new Opened(options.seal);
    this.#ways = new Ways(options.reach);
    this.#standing = new Looks((ids) => standingOf(options.db, ids));
    this.#whole = new Looks((ids) => outgoingOf(options.db, ids));
  }

  /** Who waits for room goes back to the queue; what is being sent goes on. */
  close(): void {
    this.#lanes.close();
    this.#ways.close();
  }

  /** `again`: somebody put it back after it had been given up. */
  async send(id: string, again: boolean, signal?: AbortSignal): Promise<Sent> {
    const first = await this.#look(this.#standing, id, again);
    if ('kind' in first) return first;
    const place = await this.#lanes.enter(first.webhook);
    if ('laterMs' in place) return { kind: 'later', inMs: place.laterMs };
    return this.#inside(id, place.leave, signal);
  }

  /** Meanwhile it may have been superseded, or its subscription changed. */
  async #inside(id: string, leave: Leave, signal: AbortSignal | undefined): Promise<Sent> {
    let row: Row | Sent = OVER;
    try {
      row = await this.#look(this.#whole, id, false);
    } finally {
      if ('kind' in row) leave('not-asked');
    }
    return 'kind' in row ? row : this.#attempt(row, leave, signal);
  }

  /** The row, or why there is nothing to send now. */
  async #look<R extends Standing>(looks: Looks<R>, id: string, again: boolean): Promise<R | Sent> {
    const { db, now = Date.now } = this.#options;
    let row = await looks.of(id);
    if (again && row?.state === 'failed') {
      redeliver(db, id, now(), 'queued');
      row = await looks.of(id);
    }
    if (row === null) return OVER;
    if (row.state === 'failed') return { kind: 'dead', why: row.lastProblem ?? '' };
    if (row.state !== 'pending') return OVER;
    return row.nextAt > now() ? { kind: 'later', inMs: row.nextAt - now() } : row;
  }

  async #attempt(row: Row, leave: Leave, signal: AbortSignal | undefined): Promise<Sent> {
    const { version, now = Date.now } = this.#options;
    const at = now();
    const from = performance.now();
    let answer: Answer | null = null;
    try {
      const ready = prepared(this.#opened, row, at, version);
      answer = 'kind' in ready ? ready : await this.#post(ready, signal);
    } finally {
      leave(answer?.kind === 'failed' ? 'failed' : 'answered');
    }
    // Whoever stops us does not make the endpoint fail: it is sent again, under the same id.
    if (signal?.aborted === true && answer.kind === 'failed') {
      throw new AppError('E_INTERNAL', 'stopped while sending', 'it is sent again after the start');
    }
    const milliseconds = Math.round(performance.now() - from);
    return this.#settle(row, { at, milliseconds }, answer);
  }

  #post(ready: Outgoing, signal: AbortSignal | undefined): Promise<Answer> {
    const { timeoutMs } = this.#options;
    return post(ready, {
      ways: this.#ways,
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  async #settle(
    delivery: Row,
    when: { readonly at: number; readonly milliseconds: number },
    answer: Answer,
  ): Promise<Sent> {
    const { random = Math.random } = this.#options;
    const standing = { tries: delivery.tries, roundAtMs: delivery.roundAt };
    const decision = decide(answer, standing, when.at, random());
    const failed = decision.kind === 'again' && !decision.counts ? 0 : 1;
    const inMs = decision.kind === 'again' ? decision.inMs : 0;
    const states = { delivered: 'delivered', again: 'pending', 'given-up': 'failed' } as const;
    const spoke = answer.kind === 'status';
    const gone = decision.kind === 'given-up' && decision.disables;
    await this.#ledger.record({
      delivery: delivery.id,
      attempt: {
        ...when,
        status: spoke ? answer.status : null,
        problem: problemOf(decision),
        answer: spoke ? answer.body : null,
      },
      outcome: {
        state: states[decision.kind],
        tries: delivery.tries + failed,
        nextAt: when.at + when.milliseconds + inMs,
      },
      disables: gone ? { webhook: delivery.webhook, why: decision.problem } : null,
    });
    if (decision.kind === 'again') return { kind: 'later', inMs };
    return decision.kind === 'delivered' ? OVER : { kind: 'dead', why: decision.problem };
  }
}
