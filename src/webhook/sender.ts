/**
 * One delivery at a time: looks at its row, sends it, writes down what came of it, and says when to look
 * again. The row alone decides; the queue may ask once too often and gets the same answer.
 */
import { AppError } from '../base/errors.ts';
import type { Database } from '../report/store/database.ts';
import { type Delivery, deliveryOf, redeliver } from '../report/store/deliveries.ts';
import { webhookOf } from '../report/store/webhooks.ts';
import { decide, type Decision } from './decide.ts';
import { bodyFor } from './format/format.ts';
import type { Reachable } from './guard/addresses.ts';
import { Lanes } from './lanes.ts';
import { Ledger } from './ledger.ts';
import type { Notice } from './notice.ts';
import { type Answer, type Outgoing, post } from './post.ts';
import type { Seal } from './seal.ts';
import { signedHeaders } from './secret.ts';
import type { Secrets, Settings } from './subscription.ts';

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

function outgoing(
  { seal, version }: SenderOptions,
  delivery: Delivery,
  nowMs: number,
  webhook: { readonly settings: Settings; readonly sealed: Uint8Array },
): Outgoing {
  const secrets = JSON.parse(seal.open(webhook.sealed, delivery.webhook)) as Secrets;
  const { secret, previous, routingKey, headers, url } = secrets;
  const body = bodyFor(webhook.settings.format, delivery.notice as Notice, routingKey ?? '');
  const keys = previous !== null && previous.untilMs > nowMs ? [secret, previous.secret] : [secret];
  return {
    url: new URL(url),
    body,
    headers: {
      accept: '*/*',
      'user-agent': `deadair/${version}`,
      ...headers,
      'content-type': 'application/json',
      ...signedHeaders(delivery.id, body, nowMs, keys),
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
  readonly #lanes = new Lanes();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.db);
  }

  /** `again`: somebody put it back after it had been given up. */
  async send(id: string, again: boolean, signal?: AbortSignal): Promise<Sent> {
    const { db, now = Date.now } = this.#options;
    if (again && deliveryOf(db, id)?.state === 'failed') redeliver(db, id, now(), 'queued');
    const delivery = deliveryOf(db, id);
    if (delivery === null) return OVER;
    if (delivery.state === 'failed') return { kind: 'dead', why: delivery.lastProblem ?? '' };
    const webhook = webhookOf(db, delivery.webhook);
    if (delivery.state !== 'pending' || webhook === null) return OVER;
    if (delivery.nextAt > now()) return { kind: 'later', inMs: delivery.nextAt - now() };
    const busyMs = await this.#lanes.room(delivery.webhook);
    if (busyMs !== null) return { kind: 'later', inMs: busyMs };
    const settings = webhook.settings as Settings;
    return this.#attempt(delivery, { settings, sealed: webhook.sealed }, signal);
  }

  async #attempt(
    delivery: Delivery,
    webhook: { readonly settings: Settings; readonly sealed: Uint8Array },
    signal: AbortSignal | undefined,
  ): Promise<Sent> {
    const { reach, timeoutMs, now = Date.now } = this.#options;
    const at = now();
    const from = performance.now();
    const ready = prepared(this.#options, delivery, at, webhook);
    const limits = {
      reach,
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    const answer = 'kind' in ready ? ready : await this.#post(delivery, ready, limits);
    // Whoever stops us does not make the endpoint fail: it is sent again, under the same id.
    if (signal?.aborted === true && answer.kind === 'failed') {
      throw new AppError('E_INTERNAL', 'stopped while sending', 'it is sent again after the start');
    }
    return this.#settle(
      delivery,
      { at, milliseconds: Math.round(performance.now() - from) },
      answer,
    );
  }

  async #post(
    { webhook }: Delivery,
    ready: Outgoing,
    limits: Parameters<typeof post>[1],
  ): Promise<Answer> {
    const leave = this.#lanes.enter(webhook);
    const answer = await post(ready, limits);
    leave(answer.kind === 'status');
    return answer;
  }

  async #settle(
    delivery: Delivery,
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
