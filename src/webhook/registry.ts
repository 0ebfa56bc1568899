/**
 * Subscriptions made, changed and rotated: checked, sealed, written. Who may do so is the API's to ask.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from '../report/store/database.ts';
import { cancelPending, insertDelivery } from '../report/store/deliveries.ts';
import { lastSeq } from '../report/store/events.ts';
import {
  changeWebhook,
  insertWebhook,
  type WebhookChange,
  type WebhookRow,
  webhookOf,
} from '../report/store/webhooks.ts';
import type { Reachable } from './guard/addresses.ts';
import { AddressRefused, vetted } from './guard/agent.ts';
import { type Notice, webhookId } from './notice.ts';
import type { Seal } from './seal.ts';
import { newSecret } from './secret.ts';
import {
  isGrouped,
  type NewWebhook,
  type Secrets,
  type Settings,
  shownUrl,
  THROTTLE_SECONDS,
  type WebhookPatch,
} from './subscription.ts';

/** Of the client's making: the API answers 422. */
export class WebhookRefused extends Error {
  readonly reason: 'address-refused' | 'webhook-invalid';

  constructor(reason: WebhookRefused['reason'], message: string) {
    super(message);
    this.name = 'WebhookRefused';
    this.reason = reason;
  }
}

const invalid = (message: string): WebhookRefused => new WebhookRefused('webhook-invalid', message);

export interface Registry {
  readonly db: Database;
  readonly seal: Seal;
  readonly reach: Reachable;
  readonly now?: () => number;
}

/** Chosen: whoever receives has a day to take the new key. */
export const ROTATION_MS = 24 * 3_600_000;
/** Chosen: a slow name server must not hold the caller. */
const LOOKUP_MS = 3000;

/** Ours, or of the connection: RFC 9110 §7.6.1. */
const OWN_HEADERS =
  /^(?:host|content-length|content-type|connection|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|webhook-.*)$/i;

function checkedHeaders(headers: Readonly<Record<string, string>>): void {
  const bad = Object.keys(headers).find((name) => OWN_HEADERS.test(name));
  if (bad !== undefined) throw invalid(`the header ${bad} is not yours to set`);
}

function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid('the url is no http or https URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      'the url holds a name or password: send them as a header, where they are kept sealed',
    );
  }
  return url;
}

/**
 * Tells early what the guard would refuse later. A name that has no address now is taken: it is looked up
 * at every connect anyway.
 */
async function checkedUrl(text: string, reach: Reachable): Promise<URL> {
  const url = parsedUrl(text);
  const late = new Promise<null>((resolve) => setTimeout(resolve, LOOKUP_MS, null).unref());
  try {
    await Promise.race([vetted(url, reach), late]);
  } catch (thrown) {
    if (thrown instanceof AddressRefused)
      throw new WebhookRefused('address-refused', thrown.message);
  }
  return url;
}

function checkedKey(format: Settings['format'], routingKey: string | null): void {
  if (format === 'pagerduty' && routingKey === null) throw invalid('pagerduty needs a routingKey');
  if (format !== 'pagerduty' && routingKey !== null)
    throw invalid('only pagerduty has a routingKey');
}

export interface Made {
  readonly webhook: WebhookRow;
  /** Shown this once. */
  readonly secret: string;
}

function rowOf(db: Database, id: string): WebhookRow {
  const row = webhookOf(db, id);
  if (row === null) throw new Error('a webhook that was just written is not there');
  return row;
}

/** Throws WebhookRefused. */
export async function makeWebhook(registry: Registry, wanted: NewWebhook): Promise<Made> {
  const { db, seal, reach, now = Date.now } = registry;
  const { format = 'native', headers = {}, routingKey = null, filter = {} } = wanted;
  checkedKey(format, routingKey);
  checkedHeaders(headers);
  const url = await checkedUrl(wanted.url, reach);
  const id = `w_${randomBytes(10).toString('hex')}`;
  const secrets: Secrets = {
    url: url.href,
    headers,
    secret: newSecret(),
    previous: null,
    routingKey,
  };
  const group = wanted.group ?? 'off';
  const settings: Settings = {
    url: shownUrl(url, format),
    events: [...new Set(wanted.events)],
    format,
    filter,
    group: isGrouped({ group, format }) ? 'path' : 'off',
    throttleSeconds: wanted.throttleSeconds ?? THROTTLE_SECONDS,
    headers: Object.keys(headers),
    description: wanted.description ?? null,
  };
  const sealed = seal.close(JSON.stringify(secrets), id);
  insertWebhook(db, { id, fromSeq: lastSeq(db), settings, sealed }, now());
  return { webhook: rowOf(db, id), secret: secrets.secret };
}

const secretsOf = ({ seal }: Registry, { id, sealed }: WebhookRow): Secrets =>
  JSON.parse(seal.open(sealed, id)) as Secrets;

async function patched(registry: Registry, row: WebhookRow, patch: WebhookPatch) {
  const before = row.settings as Settings;
  const secrets = secretsOf(registry, row);
  const url = patch.url === undefined ? null : await checkedUrl(patch.url, registry.reach);
  if (patch.headers !== undefined) checkedHeaders(patch.headers);
  if (patch.routingKey !== undefined) checkedKey(before.format, patch.routingKey);
  const settings: Settings = {
    ...before,
    url: url === null ? before.url : shownUrl(url, before.format),
    events: patch.events === undefined ? before.events : [...new Set(patch.events)],
    filter: patch.filter ?? before.filter,
    throttleSeconds: patch.throttleSeconds ?? before.throttleSeconds,
    headers: patch.headers === undefined ? before.headers : Object.keys(patch.headers),
    description: patch.description ?? before.description,
  };
  const changed: Secrets = {
    ...secrets,
    url: url?.href ?? secrets.url,
    headers: patch.headers ?? secrets.headers,
    routingKey: patch.routingKey ?? secrets.routingKey,
  };
  return { settings, sealed: registry.seal.close(JSON.stringify(changed), row.id) };
}

/** Null: there is none of this id. Throws WebhookRefused. */
export async function patchWebhook(
  registry: Registry,
  id: string,
  patch: WebhookPatch,
): Promise<WebhookRow | null> {
  const { db, now = Date.now } = registry;
  const row = webhookOf(db, id);
  if (row === null) return null;
  const change: WebhookChange = {
    ...(await patched(registry, row, patch)),
    ...(patch.state === undefined ? {} : { state: patch.state, problem: null }),
  };
  db.transaction(() => {
    changeWebhook(db, id, change, now());
    if (patch.state === 'paused') cancelPending(db, id, 'the webhook was paused', now());
  });
  return webhookOf(db, id);
}

/** A new key; the old one signs along for a day. Null: there is none of this id. */
export function rotateWebhook(registry: Registry, id: string): Made | null {
  const { db, seal, now = Date.now } = registry;
  const row = webhookOf(db, id);
  if (row === null) return null;
  const before = secretsOf(registry, row);
  const secret = newSecret();
  const previous = { secret: before.secret, untilMs: now() + ROTATION_MS };
  const sealed = seal.close(JSON.stringify({ ...before, secret, previous }), id);
  changeWebhook(db, id, { sealed }, now());
  return { webhook: rowOf(db, id), secret };
}

/** Puts a test message on its way; the delivery's id. Null: there is no such webhook. */
export function testWebhook({ db, now = Date.now }: Registry, id: string): string | null {
  if (webhookOf(db, id) === null) return null;
  const delivery = webhookId(id, `test ${randomBytes(16).toString('hex')}`);
  const notice: Notice = {
    kind: 'event',
    type: 'webhook.test',
    timestamp: new Date(now()).toISOString(),
    data: { webhook: id },
  };
  insertDelivery(db, { id: delivery, webhook: id, type: notice.type, path: null, notice }, now());
  return delivery;
}
