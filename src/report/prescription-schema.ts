/**
 * The part of a path that advises: which box it may be, what keepalive did there, what would help.
 * See schema.ts.
 */
import Type from 'typebox';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const span = (description: string) =>
  Type.Number({ minimum: 0, description: `${description}, seconds` });

const Lines = Type.Array(
  Type.Object({
    stack: Type.String({ description: 'the software that it is about' }),
    kind: Type.Enum(['set', 'note'], {
      description: 'set: to be copied; note: what that does not reach, which knob is missing',
    }),
    text: Type.String(),
  }),
);

export const PRESCRIPTION_FIELDS = {
  keepalive: Type.Object({
    seenEverySeconds: Type.Union([span('usual time between probes'), Type.Null()]),
    crossed: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'some probe was answered; null where none was seen',
    }),
    probeTooLateSeconds: Type.Union([
      span('silence before the probes at which it died'),
      Type.Null(),
    ]),
    silencesSaved: count('silences that an answered probe ended'),
    diedAtProbe: count('connections whose probe came too late'),
    effective: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'probes crossed, and no connection that sent any was cut',
    }),
    reading: Type.Union([Type.String(), Type.Null()]),
  }),
  hints: Type.Array(
    Type.Object({
      box: Type.String(),
      layer: Type.Enum(['L4', 'L7'], { description: 'L7: of the timer of a proxy, not of a box' }),
      seconds: Type.Number(),
      source: Type.String(),
      isGeneralKnowledge: Type.Boolean({ description: "not read in the vendor's own pages" }),
    }),
    { description: 'known boxes with this default that behave as this one did: hints, no verdict' },
  ),
  remarks: Type.Array(Type.String()),
  remedy: Type.Union(
    [
      Type.Object({
        keepaliveTimeSeconds: count('silence before a probe, also after an answered one; seconds'),
        keepaliveIntervalSeconds: count('between unanswered probes, seconds'),
        keepaliveProbes: count('unanswered probes until the connection is given up'),
        userTimeoutSeconds: Type.Union([count('TCP_USER_TIMEOUT, seconds'), Type.Null()], {
          description: 'only where packets vanish without an answer',
        }),
        side: Type.Enum(['originator', 'responder', 'either'], { description: 'who must probe' }),
        sideBecause: Type.String(),
        safeSeconds: span('silence that the path survives, which all numbers come from'),
        basis: Type.Enum(['interval', 'survivors', 'third-of-bound']),
        provisional: Type.Boolean({ description: 'the timeout is known from above only' }),
        stack: Type.Union([Type.String(), Type.Null()], {
          description: 'the software of the server, a guess',
        }),
        stackFrom: Type.Union([Type.Enum(['first-bytes', 'port']), Type.Null()], {
          description: 'what that guess went by',
        }),
        lines: Lines,
      }),
      Type.Null(),
    ],
    { description: 'null where no box cut anything' },
  ),
  timerRemedy: Type.Union([Type.Object({ lines: Lines }), Type.Null()], {
    description: 'against idle timers of applications and proxies: never keepalive',
  }),
  whatIf: Type.Array(
    Type.Object({
      keepaliveSeconds: span('silence before a probe'),
      saved: count('kills by a box that it would have avoided'),
      lost: count('kills that it would not have avoided'),
      uncertain: count('kills of which nobody can say'),
      endpointTimers: count('ends by timers of applications or proxies: never avoided'),
    }),
    { description: 'one for each --what-if' },
  ),
};
