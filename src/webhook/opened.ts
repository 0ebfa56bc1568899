/**
 * Subscriptions as they are needed for sending, opened once for many deliveries: for as long as their row
 * reads the same, byte for byte.
 */
import type { Outgoing } from '../report/store/deliveries.ts';
import type { Seal } from './seal.ts';
import type { Secrets, Settings } from './subscription.ts';

export interface OpenWebhook {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly url: URL;
}

interface Kept extends OpenWebhook {
  readonly settingsText: string;
  readonly sealed: Buffer;
}

/** Chosen: with more of them in turn each is opened anew. */
const KEPT = 1000;

export class Opened {
  readonly #seal: Seal;
  readonly #kept = new Map<string, Kept>();

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  /** Throws E_WEBHOOK_KEY. */
  of({ webhook, settings, sealed }: Outgoing): OpenWebhook {
    const bytes = Buffer.from(sealed);
    const known = this.#kept.get(webhook);
    if (known?.settingsText === settings && known.sealed.equals(bytes)) return known;
    const secrets = JSON.parse(this.#seal.open(bytes, webhook)) as Secrets;
    const fresh = {
      settings: JSON.parse(settings) as Settings,
      settingsText: settings,
      secrets,
      sealed: bytes,
      url: new URL(secrets.url),
    };
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(webhook, fresh);
    return fresh;
  }
}
