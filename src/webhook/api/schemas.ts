/** Shapes of the webhook routes. Nothing secret has a place in them, but for the key that is shown once. */
import Type from 'typebox';
import { count, time } from '../../report/schema-words.ts';
import { EVENT_TYPES } from '../../report/store/events.ts';
import { DELIVERY_STATES } from '../../report/store/deliveries.ts';
import { FORMATS } from '../format/format.ts';
import { FilterSchema, GROUPS } from '../subscription.ts';

const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const WEBHOOK = {
  id: Type.String({ pattern: '^w_' }),
  state: Type.Enum(['active', 'paused', 'disabled']),
  problem: orNull(Type.String({ description: 'why it is disabled' })),
  createdAt: time('subscribed'),
  changedAt: time('last change'),
  url: Type.String({ description: 'without what could be a key' }),
  events: Type.Array(Type.Enum(EVENT_TYPES)),
  format: Type.Enum(FORMATS),
  filter: FilterSchema,
  group: Type.Enum(GROUPS),
  throttleSeconds: Type.Integer(),
  headers: Type.Array(Type.String(), { description: 'names; the values are secrets' }),
  description: orNull(Type.String()),
};

export const WebhookSchema = Type.Object(WEBHOOK);

export const MadeWebhookSchema = Type.Object({
  ...WEBHOOK,
  secret: Type.String({ pattern: '^whsec_', description: 'the signing key: shown this once' }),
});

const AttemptSchema = Type.Object({
  at: time('when'),
  milliseconds: count('until the answer'),
  status: orNull(Type.Integer({ description: 'HTTP status; null without an answer' })),
  problem: orNull(Type.String()),
  answer: orNull(Type.String({ description: 'the first 1024 bytes of the body' })),
});

export const DeliverySchema = Type.Object({
  id: Type.String({ pattern: '^msg_', description: 'its webhook-id' }),
  webhook: Type.String({ pattern: '^w_' }),
  type: Type.String({ description: 'event, alert.… or webhook.test' }),
  state: Type.Enum(DELIVERY_STATES),
  createdAt: time('made'),
  round: count('how often it was asked for again'),
  tries: count('failed or successful tries of this round'),
  nextAt: orNull(time('next try of a pending one')),
  finishedAt: orNull(time('delivered or given up')),
  lastStatus: orNull(Type.Integer()),
  lastProblem: orNull(Type.String()),
  attempts: Type.Array(AttemptSchema),
});

export const AcceptedSchema = Type.Object({
  delivery: Type.String({ pattern: '^msg_', description: 'its webhook-id' }),
});
