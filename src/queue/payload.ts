/**
 * What travels on the queues, checked on both sides: who puts it there may be another version on another machine, and
 * what lies in Redis may have been edited.
 *
 * Every payload carries `v`. Findings and paths are checked here only as objects with an id; the reporter checks them
 * whole. Nothing here is a path of a file: names from another machine mean nothing on this one.
 */
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../base/errors.ts';
import { EVIDENCE_BYTES, type QueueName } from './names.ts';

const id = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,128}$' });
const name = Type.String({ minLength: 1, maxLength: 256 });
const time = Type.String({ maxLength: 40 });
const count = Type.Number({ minimum: 0 });

const Finding = Type.Object({ id: Type.String({ pattern: '^f_' }), update: count });
const Path = Type.Object({ id: Type.String({ pattern: '^p_' }) });

const From = Type.Union([
  Type.Object({ kind: Type.Literal('job'), job: id }),
  Type.Object({ kind: Type.Literal('agent'), agent: id, host: name }),
]);

const Evidence = Type.Object({
  finding: Type.String({ pattern: '^f_' }),
  pcapng: Type.String({ maxLength: Math.ceil(EVIDENCE_BYTES / 3) * 4 + 4 }),
});

/** All silences that were looked at, by what became of them. Of a capture, or of an agent since its start. */
const Silences = Type.Object({
  survived: count,
  killed: count,
  closed: count,
  open: count,
  unobserved: count,
});

export const FindingsBatchSchema = Type.Object({
  v: Type.Literal(1),
  id,
  from: From,
  sentAt: time,
  findings: Type.Array(Finding, { maxItems: 10_000 }),
  paths: Type.Array(Path, { maxItems: 10_000 }),
  evidence: Type.Array(Evidence, { maxItems: 10_000 }),
  /** The last of a job: with it the job is complete. */
  last: Type.Optional(Type.Literal(true)),
  /** With one batch of a job. */
  silences: Type.Optional(Silences),
});

export const HeartbeatSchema = Type.Object({
  v: Type.Literal(1),
  kind: Type.Literal('heartbeat'),
  agent: id,
  host: name,
  interfaces: Type.Array(Type.Object({ name, up: Type.Boolean(), packets: count, drops: count }), {
    maxItems: 1000,
  }),
  blindSeconds: count,
  spoolBytes: count,
  /** What the full spool could not take, all kinds together. */
  spoolDropped: Type.Optional(count),
  findings: count,
  silences: Type.Optional(Silences),
  at: time,
});

export const CaptureTaskSchema = Type.Object({ v: Type.Literal(1), job: id });
export const WebhookTaskSchema = Type.Object({ v: Type.Literal(1), delivery: id });

export type SilenceCounts = Type.Static<typeof Silences>;
export type FindingsBatch = Type.Static<typeof FindingsBatchSchema>;
export type HeartbeatMessage = Type.Static<typeof HeartbeatSchema>;
export type CaptureTask = Type.Static<typeof CaptureTaskSchema>;
export type WebhookTask = Type.Static<typeof WebhookTaskSchema>;

export interface Payloads {
  readonly captures: CaptureTask;
  readonly findings: FindingsBatch | HeartbeatMessage;
  readonly webhooks: WebhookTask;
}

const CHECKS = {
  captures: Compile(CaptureTaskSchema),
  findings: Compile(Type.Union([FindingsBatchSchema, HeartbeatSchema])),
  webhooks: Compile(WebhookTaskSchema),
} as const;

export const isHeartbeat = (payload: Payloads['findings']): payload is HeartbeatMessage =>
  'kind' in payload;

/** Throws E_PAYLOAD, naming the place but never the content. */
export function checkedPayload<Q extends QueueName>(queue: Q, value: unknown): Payloads[Q] {
  const check = CHECKS[queue];
  if (check.Check(value)) return value as Payloads[Q];
  const [first] = check.Errors(value);
  const where = first === undefined ? '' : ` at "${first.instancePath || '/'}": ${first.message}`;
  throw new AppError(
    'E_PAYLOAD',
    `this is no payload of queue ${queue}${where}`,
    'another version of deadair may have put it there: use the same on all machines',
  );
}
