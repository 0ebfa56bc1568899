/**
 * Which Redis: a URL that was given (flag, DEADAIR_REDIS, REDIS_URL, in this order), else a private one of our own.
 *
 * A URL may hold a password: `shown` is the form for logs and messages, and the only one that may go there.
 */
import { readFileSync } from 'node:fs';
import { AppError } from '../base/errors.ts';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

export interface RedisTarget {
  /** One node, or any nodes of a cluster; empty for a unix socket. */
  readonly nodes: readonly RedisNode[];
  readonly cluster: boolean;
  /** Path of a unix socket. */
  readonly socket: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly db: number;
  /** PEM of the authority to trust beside the system's, '' for the system's alone; null without TLS. */
  readonly tls: { readonly ca: string } | null;
  /** Without password. */
  readonly shown: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const HINT =
  'write redis://HOST:6379, rediss://USER:PASSWORD@HOST:6380?ca=FILE, unix:/PATH or redis+cluster://HOST:PORT,HOST:PORT';

const bad = (shown: string, what: string): AppError =>
  new AppError('E_REDIS_URL', `${shown}: ${what}`, HINT);

/** The first that is given; null: start a private one. */
export function givenRedis(flag: string | null, env: Environment): string | null {
  return flag || env['DEADAIR_REDIS'] || env['REDIS_URL'] || null;
}

const SCHEME = /^(redis|rediss|redis\+unix|unix|redis\+cluster|rediss\+cluster):(.*)$/s;

/** What stands between `//` and the last `@` before the path is never shown. */
const withoutPassword = (url: string): string =>
  url.replace(/\/\/[^/?#]*@/, '//').replace(/([?&]password=)[^&]*/, '$1…');

function caOf(file: string | null, shown: string): string {
  if (file === null) return '';
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'unreadable' } = cause as NodeJS.ErrnoException;
    throw bad(shown, `the file of ca= cannot be read (${code})`);
  }
}

function dbOf(text: string | null, shown: string): number {
  if (text === null || text === '') return 0;
  if (!/^\d{1,4}$/.test(text)) throw bad(shown, `"${text}" is no database number`);
  return Number(text);
}

const textOrNull = (text: string): string | null => (text === '' ? null : decodeURIComponent(text));

function unixTarget(rest: string, shown: string): RedisTarget {
  const [path = '', query = ''] = rest.split('?');
  const socket = decodeURIComponent(path.replace(/^\/\//, ''));
  const search = new URLSearchParams(query);
  if (!socket.startsWith('/')) throw bad(shown, 'the path of the socket is not absolute');
  return {
    nodes: [],
    cluster: false,
    socket,
    username: search.get('username'),
    password: search.get('password'),
    db: dbOf(search.get('db'), shown),
    tls: null,
    shown,
  };
}

function nodeOf(text: string, shown: string): RedisNode {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[2] ?? 6379);
  if (match === null || port < 1 || port > 65_535)
    throw bad(shown, `"${text}" is no host and port`);
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port };
}

function tcpTarget(scheme: string, rest: string, shown: string): RedisTarget {
  const match = /^\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(rest);
  if (match === null) throw bad(shown, 'no host in it');
  const [user = '', ...password] = (match[1] ?? '').split(':');
  const cluster = scheme.endsWith('+cluster');
  const search = new URLSearchParams(match[4] ?? '');
  const nodes = (match[2] ?? '').split(',').map((text) => nodeOf(text, shown));
  if (!cluster && nodes.length > 1) throw bad(shown, 'several hosts need redis+cluster://');
  return {
    nodes,
    cluster,
    socket: null,
    username: textOrNull(user),
    password: textOrNull(password.join(':')),
    db: dbOf(match[3] ?? null, shown),
    tls: scheme.startsWith('rediss') ? { ca: caOf(search.get('ca'), shown) } : null,
    shown,
  };
}

/** Throws E_REDIS_URL, without the password in its words. */
export function parseRedisUrl(url: string): RedisTarget {
  const shown = withoutPassword(url);
  const match = SCHEME.exec(url);
  if (match === null) throw bad(shown, 'no URL of a Redis');
  const [, scheme = '', rest = ''] = match;
  try {
    return scheme.endsWith('unix') ? unixTarget(rest, shown) : tcpTarget(scheme, rest, shown);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw bad(shown, 'a percent sign that stands for nothing');
  }
}
