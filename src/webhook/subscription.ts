/**
 * A subscription: what somebody wants to hear of, where to, and in which form. Settings may be shown;
 * secrets are sealed and shown never, but for the signing key once.
 */
import Type from 'typebox';
import { SIGNATURES, VERDICTS } from '../report/words.ts';
import { EVENT_TYPES } from '../report/store/events.ts';
import { FORMATS } from './format/format.ts';

/** Chosen bounds: a subscription is read by every process that sends. */
const MANY = { maxItems: 100 };

export const FilterSchema = Type.Object(
  {
    paths: Type.Optional(
      Type.Array(Type.String({ pattern: '^p_' }), { ...MANY, description: 'ids of paths' }),
    ),
    verdicts: Type.Optional(
      Type.Array(Type.Enum(VERDICTS), {
        description:
          'default: box-timeout and possible-box-timeout; the others only where asked for',
      }),
    ),
    signatures: Type.Optional(Type.Array(Type.Enum(SIGNATURES), MANY)),
    minConfidence: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  { additionalProperties: false, description: 'what all of a finding (or path) must be' },
);

/** Tokens of RFC 9110 §5.6.2, values without control characters (§5.5). */
const HeadersSchema = Type.Record(
  Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$" }),
  Type.String({ maxLength: 4096, pattern: '^[\\x20-\\x7e]*$' }),
  {
    maxProperties: 20,
    description: 'further request headers; their values are secrets and never shown again',
  },
);

const EventsSchema = Type.Array(Type.Enum(EVENT_TYPES), { minItems: 1, maxItems: 20 });
const UrlSchema = Type.String({ minLength: 1, maxLength: 2048, description: 'http or https' });
const DescriptionSchema = Type.String({ maxLength: 200 });
const ThrottleSchema = Type.Integer({
  minimum: 1,
  maximum: 86_400,
  description: 'of a grouped alert: at least so many seconds between two updates (300)',
});
const RoutingKeySchema = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[\\x21-\\x7e]+$',
  description: 'PagerDuty’s integration key; a secret',
});

export const GROUPS = ['off', 'path'] as const;

export const NewWebhookSchema = Type.Object(
  {
    url: UrlSchema,
    events: EventsSchema,
    format: Type.Optional(Type.Enum(FORMATS)),
    filter: Type.Optional(FilterSchema),
    group: Type.Optional(Type.Enum(GROUPS)),
    throttleSeconds: Type.Optional(ThrottleSchema),
    headers: Type.Optional(HeadersSchema),
    routingKey: Type.Optional(RoutingKeySchema),
    description: Type.Optional(DescriptionSchema),
  },
  { additionalProperties: false },
);

export const WebhookPatchSchema = Type.Object(
  {
    url: Type.Optional(UrlSchema),
    events: Type.Optional(EventsSchema),
    filter: Type.Optional(FilterSchema),
    throttleSeconds: Type.Optional(ThrottleSchema),
    headers: Type.Optional(HeadersSchema),
    routingKey: Type.Optional(RoutingKeySchema),
    description: Type.Optional(DescriptionSchema),
    state: Type.Optional(
      Type.Enum(['active', 'paused'], { description: 'active also wakes a disabled one' }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);

export type Filter = Type.Static<typeof FilterSchema>;
export type NewWebhook = Type.Static<typeof NewWebhookSchema>;
export type WebhookPatch = Type.Static<typeof WebhookPatchSchema>;

/** What may be shown. */
export interface Settings {
  /** Without what could be a key: see shownUrl. */
  readonly url: string;
  readonly events: NewWebhook['events'];
  readonly format: (typeof FORMATS)[number];
  readonly filter: Filter;
  readonly group: (typeof GROUPS)[number];
  readonly throttleSeconds: number;
  readonly headers: readonly string[];
  readonly description: string | null;
}

/** What is sealed. */
export interface Secrets {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string;
  /** The key before the last rotation, and until when (ms since 1970) it signs along. */
  readonly previous: { readonly secret: string; readonly untilMs: number } | null;
  readonly routingKey: string | null;
}

/** Chosen: five minutes. */
export const THROTTLE_SECONDS = 300;

/** Alertmanager and PagerDuty know alerts, not events: one a path. */
export const isGrouped = ({ group, format }: Pick<Settings, 'group' | 'format'>): boolean =>
  group === 'path' || format === 'alertmanager' || format === 'pagerduty';

/** The address of a chat's webhook is its key; and a query may hold one anywhere. */
export function shownUrl(url: URL, format: Settings['format']): string {
  const hidden = format === 'slack' || format === 'teams';
  const path = hidden ? '/…' : `${url.pathname}${url.search === '' ? '' : '?…'}`;
  return `${url.origin}${path}`;
}
