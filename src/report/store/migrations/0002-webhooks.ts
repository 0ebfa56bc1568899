/**
 * Subscriptions, what is to be delivered to them, and every attempt at it.
 *
 * `sealed` holds all that is secret of a subscription; the other columns may be shown. A delivery's id is
 * its `webhook-id`. `round` counts redeliveries: with it a job on the queue is told from an earlier one.
 */
import type { Migration } from '../migrate.ts';

export const webhookTables: Migration = {
  name: 'webhooks',
  sql: `
  CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
    problem TEXT,
    from_seq INTEGER NOT NULL,
    settings TEXT NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX webhooks_by_time ON webhooks (created_at, id);
  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    path TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled', 'superseded')),
    created_at INTEGER NOT NULL,
    round INTEGER NOT NULL DEFAULT 0,
    queued INTEGER NOT NULL DEFAULT 0,
    round_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    finished_at INTEGER,
    last_status INTEGER,
    last_problem TEXT,
    notice TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_by_webhook ON deliveries (webhook, created_at, id);
  CREATE INDEX deliveries_to_queue ON deliveries (webhook, created_at) WHERE state = 'pending' AND queued = 0;
  CREATE INDEX deliveries_queued ON deliveries (webhook) WHERE state = 'pending' AND queued = 1 AND tries = 0;
  CREATE INDEX deliveries_due ON deliveries (next_at) WHERE state = 'pending';
  CREATE INDEX deliveries_oldest ON deliveries (round_at) WHERE state = 'pending';
  CREATE INDEX deliveries_of_alert ON deliveries (webhook, path) WHERE state = 'pending' AND path IS NOT NULL;
  CREATE INDEX deliveries_by_state ON deliveries (state);
  CREATE INDEX deliveries_by_age ON deliveries (finished_at) WHERE finished_at IS NOT NULL;
  CREATE TABLE delivery_attempts (
    id INTEGER PRIMARY KEY,
    delivery TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    status INTEGER,
    problem TEXT,
    answer TEXT
  ) STRICT;
  CREATE INDEX delivery_attempts_by_delivery ON delivery_attempts (delivery, id);
  CREATE TABLE webhook_cursor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE webhook_alerts (
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    finding TEXT NOT NULL,
    PRIMARY KEY (webhook, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX webhook_alerts_due ON webhook_alerts (due_at);
  CREATE TABLE webhook_kills (
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    finding TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (webhook, finding)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX webhook_kills_by_age ON webhook_kills (at);`,
};
