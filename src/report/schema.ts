/**
 * The report that programs read, described once: JSON Schema for them, types for us.
 *
 * Fields may be added freely; none is renamed or dropped without a new schema name. Times are RFC
 * 3339 on the capture clock, durations are seconds as numbers, frame numbers are those that
 * Wireshark shows. Only `deadair schema` loads this module; everything else takes its types.
 */
import Type from 'typebox';
import { ConntrackSchema } from './kernel/kernel-schema.ts';
import { LoggedLineSchema, LogSchema } from './log-schema.ts';
import { PathSchema } from './path-schema.ts';
import { count, Endpoint, side, span, time } from './schema-words.ts';
import { RESET_CAUSES, SIGNATURES, VERDICTS } from './words.ts';

export const SCHEMA_NAME = 'deadair.report/1';

const Problem = Type.Object(
  {
    code: Type.String({ description: 'an E_ code of docs/errors.md' }),
    what: Type.String(),
    atByte: count('offset in the decompressed file'),
    atFrame: count('frames read before it'),
  },
  { description: 'why reading stopped early' },
);

const Source = Type.Object({
  name: Type.String(),
  format: Type.String({ description: 'pcap or pcapng, .gz or .zst behind it when compressed' }),
  linkTypes: Type.Array(Type.String({ description: 'name as in the list of LINKTYPE_ values' })),
  packets: count('frames read, whatever they held'),
  tcpPackets: count('frames that held a TCP segment'),
  filteredPackets: count('frames that --filter set aside'),
  firstAt: Type.Union([time('first frame'), Type.Null()]),
  lastAt: Type.Union([time('last frame'), Type.Null()]),
  skipped: Type.Record(Type.String(), count('frames'), {
    description:
      'frames without a TCP segment by reason; with tcpPackets and filteredPackets: packets',
  }),
  droppedPackets: count('packets that the capturing program says it lost'),
  badRecords: count('records of the file that contradict themselves'),
  blindSeconds: span('how long the capture itself saw nothing'),
  complete: Type.Boolean({ description: 'read to a proper end' }),
  problem: Type.Union([Problem, Type.Null()]),
});

const Together = Type.Object({
  source: count('index into sources'),
  offsetSeconds: Type.Union([Type.Number(), Type.Null()], {
    description: 'how far its clock is ahead of the first source; null when nothing was in both',
  }),
  driftPpm: Type.Optional(
    Type.Number({ description: 'how much faster its clock runs, millionths; where it shows' }),
  ),
  at: Type.Optional(Type.String({ description: 'when a drifting clock is that far ahead' })),
  matched: count('packets that both saw (closes of a proxy, where they share no connection)'),
});

const causes = Object.fromEntries(RESET_CAUSES.map((cause) => [cause, count('resets')])) as Record<
  (typeof RESET_CAUSES)[number],
  ReturnType<typeof count>
>;

const Tuple = Type.Object({ originator: Endpoint, responder: Endpoint });

const Flow = Type.Object({
  originator: Endpoint,
  responder: Endpoint,
  capturePoint: Type.Union([Type.String(), Type.Null()]),
  vlan: Type.Union([Type.Integer(), Type.Null()]),
  vni: Type.Union([Type.Integer(), Type.Null()], {
    description: 'VNI or GRE key of the innermost tunnel',
  }),
  startedAt: time('first packet of the connection'),
  midStream: Type.Boolean({ description: 'met without its SYN: who opened it is a guess' }),
  translated: Type.Union([Tuple, Type.Null()], {
    description:
      'the same connection on the other side of the box; where it came back changed, its new tuple',
  }),
  otherLeg: Type.Union([Tuple, Type.Null()], {
    description: 'the connection that a proxy closed together with this one',
  }),
  communityId: Type.String({ description: 'Community ID version 1, seed 0' }),
  sequence: Type.Optional(
    Type.String({
      pattern: '^s_',
      description:
        'hash of both next sequence numbers: the same death at another vantage has it too',
    }),
  ),
});

const Frame = Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]);

const Frames = Type.Object({
  source: Type.Union([count('index into sources'), Type.Null()]),
  lastBefore: Frame,
  trigger: Frame,
  ending: Frame,
  elsewhere: Type.Array(
    Type.Object({ frame: Type.String(), source: count('index'), number: count('frame') }),
    {
      description: 'frames of this finding that lie in another source',
    },
  ),
});

const Evidence = Type.Object({
  fact: Type.String(),
  speaksFor: Type.String(),
  weight: Type.Number({ minimum: 0, maximum: 1 }),
});

export const FindingSchema = Type.Object({
  id: Type.String({ pattern: '^f_' }),
  update: count('a later line with the same id and a higher update replaces this one'),
  sameAs: Type.Array(Type.String(), { description: 'the same death seen at other capture points' }),
  signature: Type.Enum(SIGNATURES),
  verdict: Type.Enum(VERDICTS),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  flow: Flow,
  silence: Type.Object({
    startedAt: time('last packet before the silence'),
    endedAt: time('the packet that broke it'),
    seconds: span('length'),
    clock: Type.Enum(['packet', 'payload']),
  }),
  frames: Frames,
  trigger: Type.Object({
    kind: Type.Enum(['data', 'keepalive', 'fin', 'window-probe', 'ack', 'none']),
    by: Type.Union([side, Type.Null()]),
    payloadBytes: count('bytes'),
    retransmissions: count('retransmissions, or further probes'),
  }),
  ending: Type.Object({
    kind: Type.Enum(['rst', 'fin', 'none']),
    by: Type.Union([side, Type.Null()], { description: 'whose address it carries' }),
    form: Type.Union([Type.Enum(['stateless', 'socket', 'box', 'unknown']), Type.Null()]),
    at: Type.Union([time('when'), Type.Null()]),
    reconnectedAfterSeconds: Type.Union([span('until the client connected again'), Type.Null()]),
    latencySeconds: Type.Union([span('trigger to ending'), Type.Null()]),
    hangSeconds: span('how long the application waited in vain'),
  }),
  emitter: Type.Object({
    is: Type.Enum(['middlebox', 'endpoint', 'unknown']),
    because: Type.Array(Type.String()),
  }),
  evidence: Type.Array(Evidence),
  path: Type.Union([Type.String({ pattern: '^p_' }), Type.Null()]),
  summary: Type.String({ description: 'one sentence a person can act on' }),
  wireshark: Type.String({ description: 'display filter that shows this death' }),
  log: Type.Optional(
    Type.Array(LoggedLineSchema, { description: 'what programs logged of it; with --log' }),
  ),
});

export const ReportSchema = Type.Object(
  {
    schema: Type.Literal(SCHEMA_NAME),
    complete: Type.Boolean({ description: 'every source was read to a proper end' }),
    shortestSeconds: span('shorter silences were not looked at'),
    sources: Type.Array(Source),
    together: Type.Array(Together, {
      description: 'clocks of captures of several vantages (--together), else empty',
    }),
    flows: Type.Object({
      seen: count('connections'),
      established: count('of them established'),
      midStream: count('of them met without their SYN'),
      evicted: count('of them forgotten for want of room (--max-flows)'),
    }),
    resets: Type.Object({
      total: count('resets'),
      byCause: Type.Object(causes, { description: 'adds up to total' }),
    }),
    silences: Type.Object(
      {
        observed: count('silences'),
        survived: count('silences'),
        killed: count('silences'),
        closed: count('silences'),
        open: count('silences'),
        unobserved: count('silences'),
      },
      { description: 'the last five add up to observed' },
    ),
    findingsTotal: count('findings'),
    findingsOmitted: count('findings that --max-findings left out of the list'),
    findings: Type.Array(FindingSchema),
    paths: Type.Array(PathSchema),
    bursts: Type.Array(
      Type.Object({ at: time('when'), flows: count('connections'), reading: Type.String() }),
    ),
    conntrack: Type.Optional(ConntrackSchema),
    logs: Type.Optional(Type.Array(LogSchema, { description: 'one for each --log' })),
  },
  { $schema: 'http://json-schema.org/draft-07/schema#', $id: SCHEMA_NAME, title: 'deadair report' },
);

export type Report = Type.Static<typeof ReportSchema>;
export type FindingReport = Type.Static<typeof FindingSchema>;
export type PathReport = Type.Static<typeof PathSchema>;
export type SourceReport = Type.Static<typeof Source>;
