/** All that is advised on a path, and what must not be. */
import { describe, expect, test } from 'vitest';
import type { By, Finding } from '../../src/judge/finding.ts';
import { prescribe } from '../../src/prescribe/prescription.ts';
import { guessStack, STACKS } from '../../src/prescribe/stacks.ts';
import { death } from '../report/analyses.ts';
import { ns } from '../judge/records.ts';
import { deaths, pathCase } from './cases.ts';

const timeout = { lowSeconds: 88, highSeconds: 92 };
const textsOf = (remedy: { lines: readonly { text: string }[] } | null) =>
  (remedy?.lines ?? []).map(({ text }) => text);
const on = (responderPort: number, signature: 'late-reset' | 'blackhole' = 'late-reset') =>
  prescribe(
    pathCase({
      timeout,
      kills: [death({ id: 'f_1', silent: 100, signature })],
      path: { responderPort },
    }),
  );

describe('a path that a box cuts', () => {
  test('gets the three numbers, and the sysctls that set them', () => {
    const { remedy } = on(9999);
    expect(remedy).toMatchObject({ idleSeconds: 44, intervalSeconds: 8, probes: 5, stack: null });
    expect(textsOf(remedy).slice(0, 3)).toEqual([
      'sysctl -w net.ipv4.tcp_keepalive_time=44',
      'sysctl -w net.ipv4.tcp_keepalive_intvl=8',
      'sysctl -w net.ipv4.tcp_keepalive_probes=5',
    ]);
  });

  test('gets TCP_USER_TIMEOUT only where packets vanish', () => {
    expect(on(9999).remedy?.userTimeoutSeconds).toBeNull();
    const silent = on(5432, 'blackhole').remedy;
    expect(silent?.userTimeoutSeconds).toBe(84);
    expect(textsOf(silent).join('\n')).toContain('TCP_USER_TIMEOUT, 84000 ms');
    expect(textsOf(silent).join('\n')).toContain('tcp_user_timeout=84000');
  });

  test.each([
    [27017, 'MongoDB', 'keepAliveInitialDelay: 44000'],
    [5432, 'PostgreSQL', 'tcp_keepalives_idle=44 tcp_keepalives_interval=8 tcp_keepalives_count=5'],
    [3306, 'MySQL', 'tcp_keepalive_time=44'],
    [6379, 'Redis', 'CONFIG SET tcp-keepalive 44'],
    [5672, 'AMQP', 'heartbeat = 44'],
    [9092, 'Kafka', 'connections.max.idle.ms=44000'],
    [993, 'IMAP', 'imap_idle_notify_interval = 44 secs'],
    [389, 'LDAP', 'keepalive=44:5:8'],
    [22, 'SSH', 'ServerAliveInterval 44'],
    [50051, 'gRPC', 'GRPC_ARG_KEEPALIVE_TIME_MS=44000'],
    [443, 'HTTP', 'srvtcpka-idle 44s'],
  ])('on port %d is told the knobs of %s', (port, stack, knob) => {
    const { remedy } = on(port);
    expect(remedy?.stack).toBe(stack);
    expect(textsOf(remedy).join('\n')).toContain(knob);
  });

  test.each([
    [27017, 'does not reach'],
    [5432, 'true or false alone'],
    [3306, 'no knob for its times'],
    [6379, 'cannot be set'],
    [9092, 'no knob for its times'],
  ])('on port %d is told which knob is missing', (port, words) => {
    expect(textsOf(on(port).remedy).join('\n')).toContain(words);
  });

  test('is always told of containers, which have settings of their own', () => {
    const text = textsOf(on(27017).remedy).join('\n');
    expect(text).toContain('--sysctl net.ipv4.tcp_keepalive_time=44');
    expect(text).toContain('{name: net.ipv4.tcp_keepalive_time, value: "44"}');
  });

  test('is reminded of what NATs are asked for, unless the box keeps to it', () => {
    expect(on(9999).remarks.join()).toContain('RFC 5382');
    const six = pathCase({ timeout, kills: deaths(100), path: { ipVersion: 6 } });
    expect(prescribe(six).remarks.join()).toContain('RFC 6092');
    const patient = pathCase({
      timeout: { lowSeconds: 7400, highSeconds: 7600 },
      kills: deaths(8000),
    });
    expect(prescribe(patient).remarks).toEqual([]);
  });
});

describe('which end probes', () => {
  test('either will do', () => {
    expect(on(27017).remedy?.probing.side).toBe('either');
  });

  test('the client must, where its packets got through and the server’s did not', () => {
    const inside = pathCase({
      timeout,
      path: { firstSpeaker: 'originator', longestSurvivedNs: ns(500), findingIds: [] },
    }).path;
    const pushed = pathCase({
      timeout,
      kills: deaths(100),
      path: { firstSpeaker: 'responder' },
      others: [inside],
    });
    expect(prescribe(pushed).remedy?.probing.side).toBe('originator');
    const elsewhere = { ...inside, responderPort: 5432 };
    expect(prescribe({ ...pushed, others: [elsewhere] }).remedy?.probing.side).toBe('either');
  });

  test('the client must, where the server’s packets no longer reach it', () => {
    const kills = [death({ id: 'f_1', silent: 100, signature: 'orphan-reset' })];
    expect(prescribe(pathCase({ timeout, kills })).remedy?.probing.side).toBe('originator');
  });
});

describe('a timer of an application or a proxy', () => {
  const closes = [60, 60.1, 60.2].map((silent, i) =>
    death({ id: `f_${i}`, port: i + 1, silent, verdict: 'endpoint-timer' }),
  );
  const refused = { lowSeconds: null, highSeconds: null, status: 'refused' } as const;

  test('gets no keepalive advice, but where that timer is set', () => {
    const { remedy, timerLines, hints } = prescribe(
      pathCase({ timeout: refused, closes, path: { endpointTimerSeconds: 60.1 } }),
    );
    expect(remedy).toBeNull();
    expect((timerLines ?? []).map(({ text }) => text).join('\n')).toContain('timeout client');
    expect(hints.map(({ box }) => box)).toEqual(['AWS ALB', 'AWS CLB']);
  });

  const endedBy = (one: Finding, by: By): Finding => ({
    ...one,
    record: { ...one.record, endingBy: by === 'originator' ? 0 : 1 },
  });

  const advised = (responderPort: number, ...closers: readonly By[]) => {
    const ended = closers.flatMap((by, i) => closes.slice(i, i + 1).map((one) => endedBy(one, by)));
    const { timerLines } = prescribe(
      pathCase({ timeout: refused, closes: ended, path: { responderPort } }),
    );
    return (timerLines ?? []).map(({ stack, text }) => `${stack}: ${text}`).join('\n');
  };

  test.each([
    [27017, 'raise maxIdleTimeMS', 'maxIdleTimeMS of the driver below it'],
    [5432, 'raise the idle time of the pool', 'raise idle_session_timeout'],
    [3306, 'raise the idle time of the pool', 'raise wait_timeout'],
    [6379, 'raise the idle time of the pool', 'raise timeout (CONFIG'],
    [9092, 'max.idle.ms of the clients', 'max.idle.ms of the brokers'],
    [993, 'idle time of the client', 'NOOP'],
    [389, "raise the idle time of the client's pool", 'raise idletimeout'],
    [50051, 'CLIENT_IDLE_TIMEOUT', 'raise MAX_CONNECTION_IDLE'],
    [443, "raise the idle time of the client's pool", 'raise keepalive_timeout'],
  ])('on port %d the timer to raise is that of the end that closes', (port, client, server) => {
    expect(advised(port, 'originator', 'originator')).toContain(client);
    expect(advised(port, 'originator', 'originator')).not.toContain(server);
    expect(advised(port, 'responder', 'responder')).toContain(server);
    expect(advised(port, 'responder', 'responder')).not.toContain(client);
  });

  test('where now one, now the other closes, each line says which it is for', () => {
    const text = advised(27017, 'responder', 'originator');
    expect(text).toContain('MongoDB, where the client closes: raise maxIdleTimeMS');
    expect(text).toContain('MongoDB, where the server closes: raise the timer of the proxy');
    expect(text).toContain('HAProxy: raise timeout client');
  });

  test('none either where deaths fit the time since the last payload', () => {
    const payload = { ...refused, reason: 'endpoint-timer' } as const;
    const { remedy, timerLines } = prescribe(pathCase({ timeout: payload, kills: deaths(60, 61) }));
    expect(remedy).toBeNull();
    expect(timerLines).not.toBeNull();
  });

  test('its lines never speak of probes', () => {
    for (const stack of STACKS) {
      for (const { text } of [...stack.ownTimer.originator, ...stack.ownTimer.responder])
        expect(text).not.toMatch(/tcp_?keepalive|TCP_KEEP|tcpka|sysctl/i);
    }
  });
});

describe('the software', () => {
  test('no port belongs to two of them', () => {
    const ports = STACKS.flatMap((stack) => stack.ports);
    expect(new Set(ports).size).toBe(ports.length);
    expect(guessStack({ responderPort: 27017 })?.stack.name).toBe('MongoDB');
    expect(guessStack({ responderPort: 1 })).toBeNull();
  });

  test('all of them say something, with the numbers of the path', () => {
    const to = { idleSeconds: 4321, intervalSeconds: 1234, probes: 5, userTimeoutSeconds: 8765 };
    for (const stack of STACKS) {
      const set = stack.keepalive(to).filter(({ kind }) => kind === 'set');
      expect([stack.name, set.some(({ text }) => text.includes('4321'))]).toEqual([
        stack.name,
        true,
      ]);
    }
  });
});

test('one kill, of which the estimate can say only "below two days", is not answered with hours', () => {
  const wide = { lowSeconds: null, highSeconds: 172_800, status: 'bounded' } as const;
  const { remedy } = prescribe(
    pathCase({ timeout: wide, kills: deaths(90), path: { observations: [] } }),
  );
  expect(remedy?.safe).toEqual({ seconds: 30, isProvisional: true, from: 'third-of-bound' });
});
