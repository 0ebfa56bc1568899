/**
 * Does a log line speak of this connection? The more it names, the surer; a line that names another
 * connection never does.
 *
 * Ports alone count because addresses change on the way through a box: a server's log names the
 * gateway where the client's capture has the client.
 */
import type { NamedEndpoint } from './endpoints.ts';
import type { Window } from './windows.ts';

/** Surest first. */
export const KINSHIPS = ['connection', 'server', 'address', 'port', 'time'] as const;
export type Kinship = (typeof KINSHIPS)[number];

interface Place {
  readonly address: string;
  readonly port: number;
}

const same = (named: NamedEndpoint, place: Place): boolean =>
  named.port === place.port && named.address === place.address;

const sameAddress = (named: NamedEndpoint, place: Place): boolean =>
  named.port === null && named.address === place.address;

/** The client's address with a port of another connection. */
const anotherConnection = (named: NamedEndpoint, { clients, servers }: Window): boolean =>
  named.port !== null &&
  clients.some((client) => client.address === named.address) &&
  ![...clients, ...servers].some((place) => place.port === named.port);

/** Null: the line is about something else. */
export function kinshipOf(named: readonly NamedEndpoint[], window: Window): Kinship | null {
  const { clients, servers } = window;
  const places = [...clients, ...servers];
  const some = (test: (one: NamedEndpoint, place: Place) => boolean, among: readonly Place[]) =>
    named.some((one) => among.some((place) => test(one, place)));
  if (some(same, clients)) return 'connection';
  if (named.some((one) => anotherConnection(one, window))) return null;
  if (some(same, servers)) return 'server';
  if (some(sameAddress, places)) return 'address';
  if (some((one, place) => one.port === place.port, places)) return 'port';
  return named.every(({ port }) => port === null) ? 'time' : null;
}
