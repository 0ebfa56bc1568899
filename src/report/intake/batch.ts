/**
 * What the reporter takes in: batches of findings, paths and packets, and heartbeats. The envelope is checked whole; a
 * finding or path that is not what it should be is set aside and counted, so that one bad one does not hold up a batch.
 */
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { EVIDENCE_AT_MOST } from '../store/evidence.ts';
import { PathSchema } from '../path-schema.ts';
import { FindingSchema } from '../schema.ts';

/** Base64 of EVIDENCE_AT_MOST bytes. */
const EVIDENCE_TEXT = Math.ceil(EVIDENCE_AT_MOST / 3) * 4;

const Name = Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' });
const Named = Type.Object({ id: Type.String({ maxLength: 64 }) });
const Moment = Type.String({ maxLength: 40 });

export const OriginSchema = Type.Union([
  Type.Object({ kind: Type.Literal('job'), job: Name }),
  Type.Object({ kind: Type.Literal('agent'), agent: Name, host: Type.String({ maxLength: 255 }) }),
]);

export const BatchSchema = Type.Object({
  v: Type.Literal(1),
  id: Name,
  from: OriginSchema,
  sentAt: Moment,
  findings: Type.Array(Named, { maxItems: 10_000 }),
  paths: Type.Array(Named, { maxItems: 10_000 }),
  evidence: Type.Array(
    Type.Object({
      finding: Type.String({ maxLength: 64 }),
      pcapng: Type.String({ maxLength: EVIDENCE_TEXT, pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
    }),
    { maxItems: 10_000 },
  ),
  last: Type.Optional(Type.Boolean({ description: 'the last one of a job' })),
});

export type Batch = Type.Static<typeof BatchSchema>;

const Count = Type.Number({ minimum: 0 });

export const HeartbeatSchema = Type.Object({
  v: Type.Literal(1),
  kind: Type.Literal('heartbeat'),
  agent: Name,
  host: Type.String({ maxLength: 255 }),
  interfaces: Type.Array(
    Type.Object({
      name: Type.String({ maxLength: 64 }),
      up: Type.Boolean(),
      packets: Count,
      drops: Count,
    }),
    { maxItems: 256 },
  ),
  blindSeconds: Count,
  spoolBytes: Count,
  findings: Count,
  at: Moment,
});

export type HeartbeatMessage = Type.Static<typeof HeartbeatSchema>;

export const checkBatch = Compile(BatchSchema);
export const checkHeartbeat = Compile(HeartbeatSchema);
export const checkFinding = Compile(FindingSchema);
export const checkPath = Compile(PathSchema);
