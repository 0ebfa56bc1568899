/**
 * HTTP, gRPC and HAProxy. Keep-alive of HTTP is not keepalive of TCP: it only keeps a connection
 * open for reuse.
 */
import { milliseconds, note, set, type Stack, whoever } from './stack.ts';

/**
 * gRPC, doc/keepalive.md: servers take pings without data every 300 s at most, unless told
 * otherwise, and clients stop after two of them; grpc-go: 10 s at least.
 */
export const grpc: Stack = {
  name: 'gRPC',
  ports: [50051, 50052],
  keepalive: ({ idleSeconds }) => [
    set(
      'gRPC, client',
      `GRPC_ARG_KEEPALIVE_TIME_MS=${milliseconds(idleSeconds)} ` +
        'GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS=1 GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA=0',
    ),
    set(
      'gRPC, server',
      `GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS=${idleSeconds * 500}`,
    ),
    note(
      'gRPC',
      'a server that was not told refuses pings more often than every 5 minutes (GOAWAY, ' +
        'too_many_pings); Go: ' +
        'keepalive.EnforcementPolicy; clients in Go ping every 10 s at the most',
    ),
  ],
  ownTimer: {
    originator: [set('gRPC', 'raise GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS of the client')],
    responder: [set('gRPC', 'raise MAX_CONNECTION_IDLE of the server, or let clients ping')],
  },
};

/**
 * nginx, listen so_keepalive and proxy_socket_keepalive. golang.org/x/net/http2,
 * Transport.ReadIdleTimeout.
 */
export const http: Stack = {
  name: 'HTTP',
  ports: [80, 443, 8080, 8443],
  keepalive: ({ idleSeconds: idle, intervalSeconds: interval, probes }) => [
    set('HTTP, nginx', `listen … so_keepalive=${idle}s:${interval}s:${probes}`),
    note(
      'HTTP, nginx',
      'towards its servers: proxy_socket_keepalive on, whose times are those of the sysctls',
    ),
    set('HTTP/2, Go', `http2.Transport{ReadIdleTimeout: ${idle} * time.Second}`),
    note(
      'HTTP',
      'keep-alive of HTTP sends nothing while idle: let pools of clients close ' +
        'connections earlier than the box forgets them',
    ),
  ],
  ownTimer: {
    originator: [
      set(
        'HTTP',
        "raise the idle time of the client's pool (nginx towards its servers: keepalive_timeout " +
          'of the upstream)',
      ),
    ],
    responder: [
      set('HTTP', 'raise keepalive_timeout, or let clients drop idle connections earlier'),
    ],
  },
};

/**
 * HAProxy configuration manual: option clitcpka/srvtcpka, -idle, -intvl and -cnt (2.3); timeout
 * client, server, tunnel. Measured: keepalive that is answered does not extend those timeouts.
 */
export const haproxy: Stack = {
  name: 'HAProxy',
  ports: [],
  keepalive: ({ idleSeconds: idle, intervalSeconds: interval, probes }) => [
    set(
      'HAProxy, to servers',
      `option srvtcpka; srvtcpka-idle ${idle}s; srvtcpka-intvl ${interval}s; srvtcpka-cnt ` +
        `${probes}`,
    ),
    set(
      'HAProxy, to clients',
      `option clitcpka; clitcpka-idle ${idle}s; clitcpka-intvl ${interval}s; clitcpka-cnt ` +
        `${probes}`,
    ),
  ],
  ownTimer: whoever(
    set(
      'HAProxy',
      'raise timeout client and timeout server together; timeout tunnel for TCP and WebSocket',
    ),
  ),
};
