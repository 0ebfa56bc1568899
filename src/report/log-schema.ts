/** What `--log` adds to a report: the lines beside each finding, and what became of each log. */
import Type from 'typebox';
import { CLOCK_BASES } from './log/clock.ts';
import { LOG_FORMATS } from './log/formats.ts';
import { KINSHIPS } from './log/kinship.ts';
import { SOCKET_ERRORS } from './log/socket-errors.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const line = count('counted from 1');
const error = Type.Enum([...SOCKET_ERRORS]);
const text = Type.String({ description: 'the line, cut, control characters escaped' });

export const LoggedLineSchema = Type.Object({
  source: Type.String({ description: 'name of the log' }),
  line,
  at: Type.String({ format: 'date-time', description: "on the capture's clock" }),
  error,
  by: Type.Enum([...KINSHIPS], {
    description: 'what the line names of the connection; time: nothing, only the moment agrees',
  }),
  text,
});

export const LogSchema = Type.Object({
  source: Type.String(),
  format: Type.Union([Type.Enum([...LOG_FORMATS]), Type.Null()]),
  lines: count('lines'),
  complete: Type.Boolean({ description: 'read to a proper end' }),
  errors: count('socket errors; the next five add up to it'),
  explained: count('matched to a finding'),
  unexplained: count('within the time of the capture, and of no finding'),
  outside: count('before or after the capture'),
  untimed: count('without a time'),
  notExamined: count('too many to look at one by one'),
  clock: Type.Object({
    basis: Type.Enum([...CLOCK_BASES], {
      description: 'zone written in the lines, given, estimated, or assumed to be UTC',
    }),
    offsetMinutes: Type.Union([Type.Integer(), Type.Null()], {
      description: 'east of UTC; null where every line says its own',
    }),
    skewSeconds: Type.Number({ description: "how far it is ahead of the capture's clock" }),
    sure: Type.Boolean({ description: 'false: little to go by, or another offset fits as well' }),
  }),
  unexplainedLines: Type.Array(Type.Object({ line, error, text }), {
    description: 'the first few',
  }),
});
