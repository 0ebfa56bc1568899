/**
 * What `deadair compare --json` prints, described once. As with the report: fields may be added,
 * none is renamed or dropped without a new schema name. Only `deadair schema` loads this module.
 */
import Type from 'typebox';
import { CHANGES, SHIFTS } from './change.ts';
import { MATCHES } from './pair.ts';

export const COMPARISON_NAME = 'deadair.compare/1';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const span = (description: string) =>
  orNull(Type.Number({ minimum: 0, description: `${description}, seconds` }));

const SideSummary = Type.Object({
  name: Type.String(),
  kind: Type.Enum(['report', 'capture']),
  firstAt: orNull(Type.String({ format: 'date-time' })),
  lastAt: orNull(Type.String({ format: 'date-time' })),
  seconds: span('first to last packet'),
  shortestSeconds: span('shorter silences were not looked at'),
  complete: Type.Boolean({ description: 'every source was read to a proper end' }),
  paths: count('paths'),
  killed: count('silences that a box ended, on all paths'),
});

const PathSide = Type.Object({
  id: Type.String(),
  killed: count('silences that ended the connection'),
  killedPerHour: orNull(Type.Number({ minimum: 0 })),
  survived: count('silences that ended well'),
  longestSurvivedSeconds: span('longest silence that survived'),
  shortestKilledSeconds: span('shortest silence that was killed'),
  timeout: Type.Object({
    status: orNull(Type.String()),
    estimateSeconds: span('idle timeout'),
    lowSeconds: span('lower end of its interval'),
    highSeconds: span('upper end'),
    reason: orNull(Type.String({ description: 'why it is not estimated' })),
  }),
});

const PathComparison = Type.Object({
  change: Type.Enum([...CHANGES]),
  matchedBy: orNull(Type.Enum([...MATCHES])),
  responder: Type.Object({ network: Type.String(), port: Type.Integer() }),
  firstSpeaker: Type.String(),
  tcpState: Type.String(),
  capturePoint: orNull(Type.String()),
  before: orNull(PathSide),
  after: orNull(PathSide),
  timeout: Type.Enum([...SHIFTS], {
    description: 'longer and shorter only where the intervals do not overlap',
  }),
  rate: Type.Enum(['more', 'fewer', 'alike', 'unknown'], { description: 'kills per hour' }),
  survivedBeyond: orNull(
    Type.Object(
      {
        seconds: Type.Number({ minimum: 0, description: "upper end of BEFORE's interval" }),
        count: orNull(count('silences of AFTER that were longer, and survived')),
        longestSeconds: span('longest of them'),
        chance: Type.Number({ minimum: 0, maximum: 1, description: 'if nothing was changed' }),
      },
      { description: 'null where BEFORE has no kill or no upper bound' },
    ),
  ),
  newKills: count('kills of AFTER that BEFORE does not explain'),
  newKillsListed: Type.Array(
    Type.Object({ id: Type.String(), seconds: Type.Number({ minimum: 0 }) }),
    { description: 'the shortest of them, at most 100' },
  ),
  notes: Type.Array(Type.String(), { description: 'what makes this thin' }),
  summary: Type.String(),
});

export const ComparisonSchema = Type.Object(
  {
    schema: Type.Literal(COMPARISON_NAME),
    worse: Type.Boolean({ description: 'some path has kills that BEFORE does not explain' }),
    before: SideSummary,
    after: SideSummary,
    changes: Type.Object(
      Object.fromEntries(CHANGES.map((change) => [change, count('paths')])) as Record<
        (typeof CHANGES)[number],
        ReturnType<typeof count>
      >,
    ),
    newKills: count('on all paths'),
    paths: Type.Array(PathComparison, { description: 'the worst first' }),
    notes: Type.Array(Type.String(), { description: 'what limits the comparison as a whole' }),
  },
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: COMPARISON_NAME,
    title: 'deadair compare',
  },
);

export type Comparison = Type.Static<typeof ComparisonSchema>;
export type PathComparison = Type.Static<typeof PathComparison>;
export type SideSummary = Type.Static<typeof SideSummary>;
