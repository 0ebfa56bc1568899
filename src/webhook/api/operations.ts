/** The operations of the webhook routes, as OpenAPI and the checks of Fastify have them. */
import Type from 'typebox';
import { GUARDED, IdParams, PageQuery, pageOf, problems } from '../../report/api/schemas.ts';
import { DELIVERY_STATES } from '../../report/store/deliveries.ts';
import { NewWebhookSchema, WebhookPatchSchema } from '../subscription.ts';
import { AcceptedSchema, DeliverySchema, MadeWebhookSchema, WebhookSchema } from './schemas.ts';

const TAGS = { tags: ['webhooks'] };

export const make = {
  ...TAGS,
  operationId: 'makeWebhook',
  summary: 'Subscribe; the signing key is shown this once',
  body: NewWebhookSchema,
  response: { 201: MadeWebhookSchema, ...problems(...GUARDED, 413, 415, 422) },
};

export const list = {
  ...TAGS,
  operationId: 'listWebhooks',
  summary: 'Subscriptions, newest first',
  querystring: Type.Object(PageQuery, { additionalProperties: false }),
  response: { 200: pageOf(WebhookSchema), ...problems(...GUARDED) },
};

export const get = {
  ...TAGS,
  operationId: 'getWebhook',
  summary: 'A subscription',
  params: IdParams,
  response: { 200: WebhookSchema, ...problems(...GUARDED, 404) },
};

export const patch = {
  ...TAGS,
  operationId: 'changeWebhook',
  summary: 'Change, pause or wake a subscription',
  params: IdParams,
  body: WebhookPatchSchema,
  response: { 200: WebhookSchema, ...problems(...GUARDED, 404, 413, 415, 422) },
};

export const remove = {
  ...TAGS,
  operationId: 'deleteWebhook',
  summary: 'Delete a subscription and its deliveries',
  params: IdParams,
  response: { 204: { type: 'null', description: 'gone' }, ...problems(...GUARDED, 404) },
};

export const rotate = {
  ...TAGS,
  operationId: 'rotateWebhook',
  summary: 'A new signing key, shown this once; the old one signs along for a day',
  params: IdParams,
  response: { 200: MadeWebhookSchema, ...problems(...GUARDED, 404) },
};

export const deliveries = {
  ...TAGS,
  operationId: 'listDeliveries',
  summary: 'What was sent or is to be sent, newest first, with every attempt',
  params: IdParams,
  querystring: Type.Object(
    { ...PageQuery, state: Type.Optional(Type.Enum(DELIVERY_STATES)) },
    { additionalProperties: false },
  ),
  response: { 200: pageOf(DeliverySchema), ...problems(...GUARDED, 404) },
};

export const test = {
  ...TAGS,
  operationId: 'testWebhook',
  summary: 'Send a test message',
  params: IdParams,
  response: { 202: AcceptedSchema, ...problems(...GUARDED, 404) },
};

export const redeliver = {
  ...TAGS,
  operationId: 'redeliver',
  summary: 'Send a delivery once more, under the same webhook-id',
  params: IdParams,
  response: { 202: AcceptedSchema, ...problems(...GUARDED, 404) },
};
