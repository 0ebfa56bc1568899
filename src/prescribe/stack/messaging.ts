/**
 * AMQP, Kafka, IMAP, LDAP and SSH: most of them ping in the application, which proxies count as
 * well.
 */
import { milliseconds, note, set, type Stack, whoever } from './stack.ts';

/**
 * RabbitMQ, heartbeats: 60 s suggested by the server, a frame at half of the agreed value, 0 turns
 * them off.
 */
export const amqp: Stack = {
  name: 'AMQP',
  ports: [5672, 5671],
  keepalive: ({ idleSeconds }) => [
    set('AMQP, RabbitMQ', `heartbeat = ${idleSeconds}`),
    note(
      'AMQP, RabbitMQ',
      'on the server, or asked for by the client; a frame goes out at half of it. The ' +
        'default of 60 s sends one every ' +
        '30 s: longer silences mean that a client turned heartbeats off or asked for more',
    ),
  ],
  ownTimer: whoever(
    note('AMQP, RabbitMQ', 'heartbeats in both directions keep such a timer from running out'),
  ),
};

/**
 * Kafka configuration, connections.max.idle.ms: 540000 at clients, 600000 at brokers. Selector.java
 * and SocketServer.scala set SO_KEEPALIVE. librdkafka CONFIGURATION: socket.keepalive.enable, false
 * by default.
 */
export const kafka: Stack = {
  name: 'Kafka',
  ports: [9092, 9093, 9094],
  keepalive: ({ idleSeconds }) => [
    set('Kafka', `connections.max.idle.ms=${milliseconds(idleSeconds)}`),
    note(
      'Kafka',
      'clients then close what is idle before the box forgets it, and open it again when ' +
        'needed. Java clients and brokers ask ' +
        'for keepalive but have no knob for its times (sysctls)',
    ),
    set('Kafka, librdkafka', 'socket.keepalive.enable=true'),
  ],
  ownTimer: {
    originator: [set('Kafka', 'raise connections.max.idle.ms of the clients')],
    responder: [
      set(
        'Kafka',
        'raise connections.max.idle.ms of the brokers, or set that of the clients below it',
      ),
    ],
  },
};

/**
 * Dovecot, 20-imap.conf: imap_idle_notify_interval, 2 min. RFC 2177: clients renew IDLE every 29
 * minutes.
 */
export const imap: Stack = {
  name: 'IMAP',
  ports: [143, 993],
  keepalive: ({ idleSeconds }) => [
    set('IMAP, Dovecot', `imap_idle_notify_interval = ${idleSeconds} secs`),
    note('IMAP, Dovecot', 'reaches clients in IDLE alone; the others need the sysctls, or NOOP'),
  ],
  ownTimer: {
    originator: [note('IMAP', 'raise the idle time of the client')],
    responder: [note('IMAP', 'let the client send NOOP, or renew IDLE more often')],
  },
};

/**
 * slapd.conf(5), syncrepl keepalive=idle:probes:interval. ldap.h: LDAP_OPT_X_KEEPALIVE_IDLE and
 * others, Linux only.
 */
export const ldap: Stack = {
  name: 'LDAP',
  ports: [389, 636, 3268, 3269],
  keepalive: ({ idleSeconds: idle, intervalSeconds: interval, probes }) => [
    set('LDAP, replica of OpenLDAP', `syncrepl … keepalive=${idle}:${probes}:${interval}`),
    set(
      'LDAP, client of OpenLDAP',
      `ldap_set_option: LDAP_OPT_X_KEEPALIVE_IDLE ${idle}, LDAP_OPT_X_KEEPALIVE_PROBES ` +
        `${probes}, ` +
        `LDAP_OPT_X_KEEPALIVE_INTERVAL ${interval}`,
    ),
    note('LDAP', 'pools: let connections be closed when idle for less than the box waits'),
  ],
  ownTimer: {
    originator: [set('LDAP', "raise the idle time of the client's pool")],
    responder: [
      set(
        'LDAP, OpenLDAP',
        'raise idletimeout (olcIdleTimeout), or let pools of clients close earlier',
      ),
    ],
  },
};

/**
 * ssh_config(5), sshd_config(5): sent inside the encrypted channel; three unanswered ones end the
 * connection.
 */
export const ssh: Stack = {
  name: 'SSH',
  ports: [22, 2222],
  keepalive: ({ idleSeconds }) => [
    set('SSH, client', `ServerAliveInterval ${idleSeconds}`),
    set('SSH, server', `ClientAliveInterval ${idleSeconds}`),
    note(
      'SSH',
      'one of the two is enough; both are pings of the application, so proxies count them too',
    ),
  ],
  ownTimer: whoever(set('SSH', 'ServerAliveInterval below the timer: it counts as payload')),
};
