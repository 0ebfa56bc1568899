/**
 * What `deadair doctor --json` prints, described once: JSON Schema for programs, types for us.
 *
 * Fields may be added freely; none is renamed or dropped without a new schema name. Only `deadair
 * schema` loads this module; everything else takes its types.
 */
import Type from 'typebox';
import { KINDS, type KindId, SEVERITIES } from './finding.ts';
import { KEEPALIVE_STATES } from './sockets.ts';

export const DOCTOR_SCHEMA_NAME = 'deadair.doctor/1';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const span = (description: string) =>
  Type.Number({ minimum: 0, description: `${description}, seconds` });
const maybe = <T extends Type.TSchema>(type: T) => Type.Union([type, Type.Null()]);

const Endpoint = Type.Object({ address: Type.String(), port: Type.Integer() });

const Finding = Type.Object({
  id: Type.Enum(Object.keys(KINDS) as KindId[], { description: 'see docs/doctor.md' }),
  severity: Type.Enum([...SEVERITIES], {
    description: 'critical: fails now or has failed; warning: will; note: worth knowing',
  }),
  what: Type.String({ description: 'what was measured' }),
  why: Type.String({ description: 'why it matters' }),
  at: Type.Array(Type.String(), {
    description: 'namespaces, processes or interfaces; empty: the machine',
  }),
  cure: Type.Array(
    Type.Object({
      kind: Type.Enum(['set', 'note'], { description: 'set: to be copied; note: for the reader' }),
      text: Type.String(),
    }),
    { description: 'nothing of it was done' },
  ),
  source: Type.String({ description: 'where it is written' }),
});

const Keepalive = Type.Object({
  timeSeconds: count('net.ipv4.tcp_keepalive_time'),
  intervalSeconds: count('net.ipv4.tcp_keepalive_intvl'),
  probes: count('net.ipv4.tcp_keepalive_probes'),
  retries2: count('net.ipv4.tcp_retries2'),
});

const Conntrack = Type.Object({
  entries: count('nf_conntrack_count'),
  most: count('nf_conntrack_max'),
  establishedSeconds: maybe(count('nf_conntrack_tcp_timeout_established')),
  unacknowledgedSeconds: maybe(count('nf_conntrack_tcp_timeout_unacknowledged')),
  maxRetransSeconds: maybe(count('nf_conntrack_tcp_timeout_max_retrans')),
  loose: maybe(Type.Boolean({ description: 'nf_conntrack_tcp_loose' })),
  dropped: maybe(count('packets dropped because the table was full')),
  droppedEarly: maybe(count('connections thrown out to make room')),
  insertFailed: maybe(count('insertions that failed, mostly two packets at once')),
});

const Namespace = Type.Object({
  id: Type.String({ description: 'net:[inode]' }),
  isOwn: Type.Boolean({ description: 'the one that the doctor ran in' }),
  name: Type.String(),
  pid: maybe(Type.Integer({ description: 'a process in it' })),
  container: maybe(Type.String({ description: 'short id' })),
  processes: count('processes in it that could be seen'),
  keepalive: maybe(Keepalive),
  conntrack: maybe(Conntrack),
});

const states = Object.fromEntries(
  KEEPALIVE_STATES.map((state) => [state, count('connections')]),
) as Record<(typeof KEEPALIVE_STATES)[number], ReturnType<typeof count>>;

const Program = Type.Object({
  name: maybe(Type.String({ description: 'null: of another user, not to be seen' })),
  uid: Type.Integer(),
  pids: Type.Array(Type.Integer()),
  namespace: Type.String(),
  connections: Type.Object(states),
  peers: Type.Array(
    Type.Object({
      where: Type.String({ description: '"to ADDRESS:PORT", or "on port PORT" for a server' }),
      port: Type.Integer(),
      connections: count('connections'),
    }),
    { description: 'up to 20, those with most connections first' },
  ),
});

const Unprotected = Type.Object({
  local: Endpoint,
  remote: Endpoint,
  keepalive: Type.Enum(['none', 'late']),
  remainingSeconds: maybe(span('left on the keepalive timer')),
  idleSeconds: maybe(span('TCP_KEEPIDLE, asked of the socket; null: off, or not to be seen')),
  timeoutSeconds: span('what the box on its way waits'),
  program: maybe(Type.String()),
  pid: maybe(Type.Integer()),
  uid: Type.Integer(),
  namespace: Type.String(),
});

const Sockets = Type.Object({
  judged: count('established connections that leave the machine'),
  local: count('both ends on this machine: not judged'),
  elsewhere: count('on no path of the report: not judged'),
  ...states,
  exact: count('of judged, those whose settings were asked of the socket itself'),
  programs: Type.Array(Program),
  unprotected: Type.Array(Unprotected, { description: 'up to 10 000' }),
  unprotectedOmitted: count('more of them'),
});

const Interface = Type.Object({
  name: Type.String(),
  received: count('packets'),
  sent: count('packets'),
  ringDropped: count('packets lost in the receive ring'),
  receiveDropped: count('packets'),
  sendDropped: count('packets'),
  errors: count('damaged frames, both ways'),
  rings: Type.Object({
    sizes: maybe(
      Type.Object(
        {
          receive: count('now'),
          receiveMost: count('at most'),
          send: count('now'),
          sendMost: count('at most'),
        },
        { description: 'descriptors; null where the card has no rings' },
      ),
    ),
    losses: Type.Record(Type.String(), count('packets'), {
      description: 'what the driver lost by its own count and names, those that are not 0',
    }),
  }),
});

const Numa = Type.Object({
  nodes: count('memory nodes'),
  zoneReclaimMode: maybe(count('vm.zone_reclaim_mode')),
  databases: Type.Array(
    Type.Object({
      pid: Type.Integer(),
      name: Type.String(),
      interleaved: maybe(Type.Boolean()),
    }),
  ),
});

const Limits = Type.Object({
  machine: Type.Array(
    Type.Object({
      kind: Type.Enum(['threads-max', 'pid_max', 'nproc', 'commit']),
      uid: maybe(Type.Integer()),
      used: count('threads, or kB for commit'),
      most: count('the limit'),
    }),
  ),
  groups: Type.Array(
    Type.Object({
      path: Type.String(),
      used: count('pids.current'),
      most: maybe(count('pids.max')),
      refused: count('forks refused'),
    }),
  ),
});

const KernelLog = Type.Object({
  lines: maybe(count('lines read')),
  signs: Type.Array(
    Type.Object({
      id: Type.String(),
      times: count('lines'),
      who: Type.Array(Type.String()),
      first: Type.String(),
      last: Type.String(),
    }),
  ),
});

export const DoctorSchema = Type.Object(
  {
    schema: Type.Literal(DOCTOR_SCHEMA_NAME),
    at: Type.String({ format: 'date-time', description: 'wall clock' }),
    host: Type.Object({ name: Type.String(), kernel: Type.String() }),
    timeout: Type.Object(
      {
        seconds: span('the shortest'),
        from: Type.Enum(['flag', 'report', 'assumed', 'report-without']),
        paths: Type.Array(
          Type.Object({ network: Type.String(), port: Type.Integer(), seconds: span('of a path') }),
        ),
      },
      { description: 'the idle timeout that all is held against' },
    ),
    findings: Type.Array(Finding),
    notSeen: Type.Array(Type.Object({ what: Type.String(), needs: Type.String() }), {
      description: 'what this user could not see, and what would show it',
    }),
    namespaces: Type.Array(Namespace),
    sockets: Sockets,
    interfaces: Type.Array(Interface),
    backlogDropped: maybe(count('packets that found the queue of their processor full')),
    numa: Numa,
    limits: Limits,
    kernelLog: KernelLog,
  },
  {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: DOCTOR_SCHEMA_NAME,
    title: 'deadair doctor',
  },
);

export type DoctorDocument = Type.Static<typeof DoctorSchema>;
