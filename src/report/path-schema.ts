/**
 * The part of a report that is about a path: who shares a box, how long it waits, and the silences
 * that say so. See schema.ts.
 */
import Type from 'typebox';
import { TIMEOUT_BASES, TIMEOUT_REASONS, TIMEOUT_STATUSES } from '../path/facts.ts';
import { ConfiguredSchema } from './kernel/kernel-schema.ts';
import { PRESCRIPTION_FIELDS } from './prescription-schema.ts';
import { count, Endpoint, side, span } from './schema-words.ts';

const Seconds = Type.Union([span('idle timeout'), Type.Null()]);

const Member = Type.Object({
  id: Type.String({ pattern: '^p_' }),
  responder: Endpoint,
  firstSpeaker: side,
  killed: count('silences that ended the connection'),
  survived: count('silences that ended well'),
});

const ObservedBin = Type.Object({
  fromSeconds: span('shortest in it'),
  untilSeconds: span('longest in it'),
  outcome: Type.String({ description: 'survived, or the signature of the kill; open, unobserved' }),
  count: count('silences'),
});

const Observations = Type.Object({
  points: Type.Union([
    Type.Array(Type.Tuple([span('length'), Type.String()]), {
      description: 'length and outcome (survived, or the signature of the kill), up to 5 000',
    }),
    Type.Null(),
  ]),
  bins: Type.Union([Type.Array(ObservedBin), Type.Null()]),
  undecided: Type.Optional(
    Type.Array(ObservedBin, {
      description:
        'silences of which nobody knows how they went on, and from which nothing is concluded: ' +
        'open at the end of the capture, or unobserved',
    }),
  ),
  binErrorShare: Type.Number({
    description: 'lengths of survivors may be this much too long, as a share; kills are exact',
  }),
});

export const PathSchema = Type.Object({
  id: Type.String({
    pattern: '^p_',
    description: 'hash of the unmerged key: that of the member with the most kills',
  }),
  responder: Type.Object({
    network: Type.String({ description: 'one address, or the /24 or /64 of all members' }),
    port: Type.Integer({ description: 'of the first member' }),
    name: Type.Optional(Type.String({ description: 'of a single address; with --names' })),
  }),
  firstSpeaker: side,
  tcpState: Type.Enum(['established', 'half-closed']),
  capturePoint: Type.Union([Type.String(), Type.Null()]),
  killed: count('silences that ended the connection'),
  boxSeen: Type.Optional(
    Type.Boolean({
      description:
        'a kill of it is a box’s by proof or by its threshold (verdict box-timeout); false: all are only possibly',
    }),
  ),
  survived: count('silences that ended well'),
  longestSurvivedSeconds: Type.Union([span('longest silence that survived'), Type.Null()]),
  shortestKilledSeconds: Type.Union([span('shortest silence that was killed'), Type.Null()]),
  timeout: Type.Object({
    status: Type.Enum([...TIMEOUT_STATUSES]),
    estimateSeconds: Seconds,
    lowSeconds: Seconds,
    highSeconds: Seconds,
    basis: Type.Union([Type.Enum([...TIMEOUT_BASES]), Type.Null()]),
    reason: Type.Union([Type.Enum([...TIMEOUT_REASONS]), Type.Null()], {
      description: 'why it is not estimated, see docs/method.md',
    }),
  }),
  significant: Type.Boolean({ description: 'that the silence decides is no accident' }),
  stepsSeconds: Type.Array(span('idle timeout of one box'), {
    description: 'two where silences are cut at two lengths: the smaller binds; else empty',
  }),
  endpointTimerSeconds: Type.Union([
    span('idle timer of an application or proxy on this path'),
    Type.Null(),
  ]),
  members: Type.Array(Member, {
    description: 'responders, ports and first speakers that share this T',
  }),
  observations: Type.Union([Observations, Type.Null()]),
  configured: Type.Optional(Type.Union([ConfiguredSchema, Type.Null()])),
  ...PRESCRIPTION_FIELDS,
});
