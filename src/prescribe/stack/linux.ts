/**
 * Linux, containers, and programs that set their own sockets: what holds whatever the server is.
 *
 * tcp(7) and Documentation/networking/ip-sysctl.rst: the three sysctls are per network namespace
 * since kernel 4.5, count for IPv6 as well, and reach sockets with SO_KEEPALIVE that set no times
 * of their own.
 */
import { milliseconds, note, type Prescribed, type RemedyLine, set } from './stack.ts';

/** The three sysctls, as every tool that takes them writes them. */
function sysctls({ idleSeconds, intervalSeconds, probes }: Prescribed): readonly string[] {
  return [
    `net.ipv4.tcp_keepalive_time=${idleSeconds}`,
    `net.ipv4.tcp_keepalive_intvl=${intervalSeconds}`,
    `net.ipv4.tcp_keepalive_probes=${probes}`,
  ];
}

const REACH =
  'the sysctls reach only programs that ask for keepalive (SO_KEEPALIVE) and set no times ' +
  'of their own; ' +
  'a file in /etc/sysctl.d keeps them over a restart';

/**
 * ip-sysctl.rst, tcp_retries2: 924.6 s by default. tcp(7), TCP_USER_TIMEOUT: milliseconds, since
 * Linux 2.6.37.
 */
function userTimeout({ userTimeoutSeconds }: Prescribed): RemedyLine[] {
  if (userTimeoutSeconds === null) return [];
  const time = milliseconds(userTimeoutSeconds);
  const option = `setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ${time} ms)`;
  return [
    set('TCP_USER_TIMEOUT', option),
    note(
      'TCP_USER_TIMEOUT',
      'bounds how long unanswered data hangs; there is no sysctl for it, only the program ' +
        'can ask. ' +
        'Without it Linux tries for about 15 minutes (tcp_retries2)',
    ),
  ];
}

export const linux = (to: Prescribed): readonly RemedyLine[] => [
  ...sysctls(to).map((setting) => set('Linux', `sysctl -w ${setting}`)),
  note('Linux', REACH),
  ...userTimeout(to),
];

/**
 * Docker reference, docker run --sysctl. Kubernetes, kernel version requirements: safe sysctls
 * since 1.29 (#118846).
 */
export const containers = (to: Prescribed): readonly RemedyLine[] => [
  set(
    'Docker',
    `docker run ${sysctls(to)
      .map((each) => `--sysctl ${each}`)
      .join(' ')} …`,
  ),
  set(
    'Kubernetes',
    `securityContext: {sysctls: [${sysctls(to)
      .map((each) => each.split('='))
      .map(([name = '', value = '']) => `{name: ${name}, value: "${value}"}`)
      .join(', ')}]}`,
  ),
  note(
    'Containers',
    "each has a network namespace of its own, which the host's sysctls do not reach: " +
      'docker run --sysctl …, ' +
      'in Kubernetes securityContext.sysctls of the pod (safe sysctls from 1.29 on)',
  ),
];

/** It cannot ping more often. */
const HIKARI_LEAST_SECONDS = 30;

const hikari = (idleSeconds: number): RemedyLine[] =>
  idleSeconds < HIKARI_LEAST_SECONDS
    ? [note('HikariCP', 'keepaliveTime cannot be below 30 s, which is too late here')]
    : [
        set('HikariCP', `keepaliveTime=${milliseconds(idleSeconds)}`),
        note(
          'HikariCP',
          'pings connections that lie idle in the pool, not those that wait for a long query',
        ),
      ];

/**
 * Go net.KeepAliveConfig (1.23). JDK 11, jdk.net.ExtendedSocketOptions. Node.js net,
 * socket.setKeepAlive: sets TCP_KEEPCNT 10 and TCP_KEEPINTVL 1 by itself. HikariCP README,
 * keepaliveTime: 30 s at least.
 */
export const programs = (to: Prescribed): readonly RemedyLine[] => {
  const { idleSeconds: idle, intervalSeconds: interval, probes } = to;
  return [
    set(
      'Any program',
      `setsockopt: SO_KEEPALIVE 1, TCP_KEEPIDLE ${idle}, TCP_KEEPINTVL ${interval}, ` +
        `TCP_KEEPCNT ${probes}`,
    ),
    set(
      'Go',
      `net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: ${idle}*time.Second, ` +
        `Interval: ${interval}*time.Second, Count: ${probes}}}`,
    ),
    set(
      'Java',
      `SO_KEEPALIVE true, ExtendedSocketOptions.TCP_KEEPIDLE ${idle}, TCP_KEEPINTERVAL ` +
        `${interval}, ` +
        `TCP_KEEPCOUNT ${probes} (JDK 11 and later)`,
    ),
    set('Node.js', `socket.setKeepAlive(true, ${milliseconds(idle)})`),
    note('Node.js', 'interval and count cannot be set: they are 1 s and 10'),
    ...hikari(idle),
  ];
};
