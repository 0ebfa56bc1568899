/** The part of a report that the kernel's connection table tells (`watch --conntrack`). See schema.ts. */
import Type from 'typebox';
import { count, span, time } from '../schema-words.ts';

const maybe = <T extends Type.TSchema>(type: T) => Type.Union([type, Type.Null()]);

export const ConntrackSchema = Type.Object(
  {
    listenedSince: time('when listening began, wall clock'),
    establishedSeconds: maybe(count('nf_conntrack_tcp_timeout_established')),
    closeWaitSeconds: maybe(count('nf_conntrack_tcp_timeout_close_wait')),
    loose: maybe(Type.Boolean({ description: 'nf_conntrack_tcp_loose' })),
    entries: count('nf_conntrack_count'),
    most: count('nf_conntrack_max'),
    dropped: maybe(count('packets dropped because the table was full')),
    eventsOf: maybe(
      Type.Enum(['all rows', 'rows made since', 'none'], { description: 'nf_conntrack_events' }),
    ),
    rowsEnded: count('ends that the kernel told'),
    rowsEndedOpen: count('of these, connections that were open'),
    rowsForgotten: count('of these, those too old to be kept'),
    eventsLost: count('times at which the kernel lost events, each time an unknown number'),
  },
  { description: 'the connection table of this gateway; with --conntrack' },
);

export const ConfiguredSchema = Type.Object(
  {
    seconds: count('what this gateway is set to'),
    name: Type.String({ description: 'of the setting, below net.netfilter' }),
    agrees: maybe(Type.Boolean({ description: 'with the estimate; null where there is none' })),
    warning: maybe(Type.String({ description: 'where they disagree' })),
    rowsEnded: count('deaths on this path whose row ended when its time was up'),
    atMostSeconds: maybe(span('shortest time from a last packet to the end of its row')),
  },
  { description: 'what this gateway is set to for this path; with --conntrack' },
);
