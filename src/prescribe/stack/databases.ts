/**
 * MongoDB, PostgreSQL, MySQL and Redis: their own knobs for keepalive, and the ones that do not
 * exist.
 */
import { milliseconds, note, set, type Stack } from './stack.ts';

/**
 * MongoDB FAQ, Diagnostics: keepalive on all machines, of servers and clients alike; DRIVERS-383:
 * servers and drivers turn it on and lower a longer idle time to 300 s. Node.js driver: NODE-5190
 * took the options away in 6.0 (300 s then, driver FAQ), NODE-6245 brought keepAliveInitialDelay
 * back with 120 s.
 */
export const mongodb: Stack = {
  name: 'MongoDB',
  ports: [27017, 27018, 27019],
  keepalive: ({ idleSeconds }) => [
    note(
      'MongoDB',
      'servers and most drivers ask for keepalive, and lower longer times to 300 s ' +
        'themselves: the sysctls are enough, ' +
        'on the hosts of servers and clients; restart mongod or the program afterwards',
    ),
    set(
      'MongoDB, Node.js',
      `new MongoClient(uri, {keepAliveInitialDelay: ${milliseconds(idleSeconds)}})`,
    ),
    note(
      'MongoDB, Node.js',
      'this driver sets the idle time itself (120 s, 300 s in 6.0), so the sysctl does ' +
        'not reach it; ' +
        'releases from 6.0 until NODE-6245 have no option for it',
    ),
  ],
  ownTimer: {
    originator: [set('MongoDB', 'raise maxIdleTimeMS of the driver')],
    responder: [
      set(
        'MongoDB',
        'raise the timer of the proxy before it (mongod has none), or set maxIdleTimeMS of the ' +
          'driver below it',
      ),
    ],
  },
};

/**
 * PostgreSQL documentation, runtime-config-connection and libpq-connect (tcp_user_timeout: 12 and
 * later). pgjdbc: tcpKeepAlive, off by default, on/off only. node-postgres: keepAlive,
 * keepAliveInitialDelayMillis.
 */
export const postgresql: Stack = {
  name: 'PostgreSQL',
  ports: [5432, 6432],
  keepalive: ({ idleSeconds: idle, intervalSeconds: interval, probes, userTimeoutSeconds }) => {
    const user = userTimeoutSeconds === null ? null : milliseconds(userTimeoutSeconds);
    const server =
      `tcp_keepalives_idle=${idle} tcp_keepalives_interval=${interval} ` +
      `tcp_keepalives_count=${probes}` +
      (user === null ? '' : ` tcp_user_timeout=${user}`);
    const client =
      `keepalives_idle=${idle} keepalives_interval=${interval} keepalives_count=${probes}` +
      (user === null ? '' : ` tcp_user_timeout=${user}`);
    return [
      set('PostgreSQL, server', server),
      set('PostgreSQL, libpq', client),
      note(
        'PostgreSQL, JDBC',
        'pgjdbc knows tcpKeepAlive=true or false alone (false by default); its times are ' +
          'those of the sysctls',
      ),
      set(
        'PostgreSQL, node',
        `new Client({keepAlive: true, keepAliveInitialDelayMillis: ${milliseconds(idle)}})`,
      ),
    ];
  },
  ownTimer: {
    originator: [
      set(
        'PostgreSQL',
        'raise the idle time of the pool: HikariCP idleTimeout, node-postgres ' +
          'idleTimeoutMillis, PgBouncer server_idle_timeout',
      ),
    ],
    responder: [
      set(
        'PostgreSQL',
        'raise idle_session_timeout or idle_in_transaction_session_timeout (PgBouncer: ' +
          'client_idle_timeout), or let pools close earlier',
      ),
    ],
  },
};

/**
 * MySQL, sql_connect.cc and client.c: vio_keepalive sets SO_KEEPALIVE on both ends. MariaDB system
 * variables tcp_keepalive_time, _interval, _probes (10.3.3). Connector/J: tcpKeepAlive, on by
 * default, on/off only.
 */
export const mysql: Stack = {
  name: 'MySQL',
  ports: [3306, 33060],
  keepalive: ({ idleSeconds: idle, intervalSeconds: interval, probes }) => [
    note(
      'MySQL',
      'server and C client ask for keepalive but have no knob for its times: the sysctls ' +
        'are enough; ' +
        'wait_timeout is another thing, it closes idle sessions',
    ),
    set(
      'MySQL, MariaDB server',
      `SET GLOBAL tcp_keepalive_time=${idle}, tcp_keepalive_interval=${interval}, ` +
        `tcp_keepalive_probes=${probes}`,
    ),
    note('MySQL, JDBC', 'Connector/J knows tcpKeepAlive=true or false alone (true by default)'),
    set(
      'MySQL, mysql2',
      `createPool({enableKeepAlive: true, keepAliveInitialDelay: ${milliseconds(idle)}})`,
    ),
  ],
  ownTimer: {
    originator: [
      set('MySQL', 'raise the idle time of the pool: HikariCP idleTimeout, mysql2 idleTimeout'),
    ],
    responder: [
      set(
        'MySQL',
        'raise wait_timeout (interactive_timeout for consoles), or let pools close earlier',
      ),
    ],
  },
};

/**
 * redis.conf, tcp-keepalive: 300 by default since 3.2.1; anet.c: interval a third of it, three
 * probes. ioredis: keepAlive in ms; interval and count not settable (ioredis issue 1615).
 * node-redis: socket.keepAliveInitialDelay.
 */
export const redis: Stack = {
  name: 'Redis',
  ports: [6379, 6380, 26379],
  keepalive: ({ idleSeconds }) => [
    set('Redis, server', `CONFIG SET tcp-keepalive ${idleSeconds}`),
    note(
      'Redis, server',
      'the default is 300; for connections made afterwards; keep it in redis.conf too',
    ),
    set('Redis, ioredis', `new Redis({keepAlive: ${milliseconds(idleSeconds)}})`),
    note('Redis, ioredis', 'interval and count of the probes cannot be set'),
  ],
  ownTimer: {
    originator: [set('Redis', 'raise the idle time of the pool: go-redis ConnMaxIdleTime')],
    responder: [
      set('Redis', 'raise timeout (CONFIG SET timeout 0 turns it off), or let pools close earlier'),
    ],
  },
};
