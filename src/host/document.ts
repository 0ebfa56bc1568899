/** The survey as programs read it (`deadair doctor --json`); the schema is in schema.ts. */
import { type Connection, KEEPALIVE_STATES } from './sockets.ts';
import type { DoctorDocument } from './schema.ts';
import type { Survey, SurveyedNamespace } from './survey.ts';

/** Chosen: a server may have a million. */
const MOST_CONNECTIONS = 10_000;
const MOST_PEERS = 20;

type Sockets = DoctorDocument['sockets'];

function unprotectedOf(connection: Connection): Sockets['unprotected'] {
  const { keepalive, owner, uid, namespace, local, remote } = connection;
  if (keepalive !== 'none' && keepalive !== 'late') return [];
  const { remainingSeconds, idleSeconds, timeoutSeconds } = connection;
  return [
    {
      local,
      remote,
      keepalive,
      remainingSeconds,
      idleSeconds,
      timeoutSeconds,
      program: owner?.name ?? null,
      pid: owner?.pid ?? null,
      uid,
      namespace: namespace.name,
    },
  ];
}

function socketsOf({ connections, programs }: Survey): Sockets {
  const { judged, local, elsewhere } = connections;
  const states = Object.fromEntries(
    KEEPALIVE_STATES.map((state) => [
      state,
      judged.filter(({ keepalive }) => keepalive === state).length,
    ]),
  ) as Pick<Sockets, (typeof KEEPALIVE_STATES)[number]>;
  const unprotected = judged.flatMap(unprotectedOf);
  return {
    judged: judged.length,
    local,
    elsewhere,
    ...states,
    exact: judged.filter(({ isExact }) => isExact).length,
    programs: programs.map((program) => ({
      ...program,
      pids: [...program.pids],
      peers: program.peers.slice(0, MOST_PEERS),
    })),
    unprotected: unprotected.slice(0, MOST_CONNECTIONS),
    unprotectedOmitted: Math.max(0, unprotected.length - MOST_CONNECTIONS),
  };
}

const namespaceOf = ({
  namespace,
  keepalive,
  conntrack,
}: SurveyedNamespace): DoctorDocument['namespaces'][number] => {
  const { id, isOwn, name, pid, container, processes } = namespace;
  return { id, isOwn, name, pid, container, processes, keepalive, conntrack };
};

const machineParts = ({
  interfaces,
  numa,
  limits,
  kernelLog,
}: Survey): Pick<
  DoctorDocument,
  'interfaces' | 'backlogDropped' | 'numa' | 'limits' | 'kernelLog'
> => ({
  interfaces: [...interfaces.all],
  backlogDropped: interfaces.backlogDropped,
  numa: { ...numa, databases: [...numa.databases] },
  limits: {
    machine: [...limits.machine],
    groups: limits.groups.map(({ path, used, most, refused }) => ({ path, used, most, refused })),
  },
  kernelLog: {
    lines: kernelLog.lines,
    signs: kernelLog.signs.map((sign) => ({ ...sign, who: [...sign.who] })),
  },
});

/** `at`: when it was looked at, RFC 3339. */
export const doctorDocument = (survey: Survey, at: string): DoctorDocument => ({
  schema: 'deadair.doctor/1',
  at,
  host: { name: survey.hostname, kernel: survey.kernel },
  timeout: { ...survey.idle, paths: [...survey.idle.paths] },
  findings: survey.findings.map((each) => ({ ...each, at: [...each.at], cure: [...each.cure] })),
  notSeen: [...survey.notSeen],
  namespaces: survey.namespaces.map(namespaceOf),
  sockets: socketsOf(survey),
  ...machineParts(survey),
});
