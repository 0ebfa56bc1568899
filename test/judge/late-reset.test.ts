import { describe, expect, test } from 'vitest';
import { ENDING_FLAG, FLOW_FLAG, SIDE_FLAG, TRIGGER } from '../../src/base/silence.ts';
import { findingOf, fromSocket, judged, lateReset, RA, scene } from './records.ts';

describe('a connection that wakes after 350 s and is reset', () => {
  test('at another TTL than the server has was cut by a box', () => {
    const finding = findingOf(lateReset({ record: { endingTtl: 64 } }));
    expect(finding).toMatchObject({
      signature: 'late-reset',
      verdict: 'box-timeout',
      emitter: {
        is: 'middlebox',
        because: expect.arrayContaining(['TTL 64 where the responder has 62']),
      },
      ending: { kind: 'rst', by: 'responder', form: 'stateless', latencyNs: 20_000_000n },
      trigger: { kind: 'data', by: 'originator', payloadBytes: 100 },
      silenceNs: 350_000_000_000n,
    });
    expect(finding?.confidence).toBeGreaterThanOrEqual(0.8);
  });

  test('at the TTL of the server itself may as well have met a rebooted server', () => {
    const finding = findingOf(lateReset());
    expect(finding).toMatchObject({ verdict: 'possible-box-timeout', emitter: { is: 'endpoint' } });
    expect(finding?.confidence).toBeLessThanOrEqual(0.5);
  });

  test('sooner than the server ever answered was cut by a box even if the TTL is rewritten', () => {
    const finding = findingOf(lateReset({ after: 0.001 }));
    expect(finding).toMatchObject({ verdict: 'box-timeout', emitter: { is: 'middlebox' } });
    expect(finding?.emitter.because[0]).toMatch(/answered after 1 ms .* less than 20 ms/);
  });

  test('fast, on a LAN where the server is as fast, proves nothing by its speed', () => {
    const finding = findingOf(lateReset({ after: 0.00008, server: { minRttNs: 200_000 } }));
    expect(finding).toMatchObject({ verdict: 'possible-box-timeout', emitter: { is: 'endpoint' } });
  });

  test('at the TTL of the handshake alone met the load balancer, not the server behind it', () => {
    const split = { ttlHandshake: 251, ttlData: 52 };
    const finding = findingOf(lateReset({ server: split, record: { endingTtl: 251 } }));
    expect(finding).toMatchObject({ verdict: 'box-timeout', emitter: { is: 'middlebox' } });
    expect(finding?.emitter.because[0]).toBe(
      "TTL 251 as in the handshake, where the responder's data have 52",
    );
  });

  test('at the TTL of the data but not of the handshake is the server itself', () => {
    const split = { ttlHandshake: 251, ttlData: 52 };
    const finding = findingOf(lateReset({ server: split, record: { endingTtl: 52 } }));
    expect(finding).toMatchObject({ verdict: 'possible-box-timeout', emitter: { is: 'endpoint' } });
  });

  test('from the same distance with another initial TTL is no proof: some stacks do that', () => {
    const finding = findingOf(lateReset({ record: { endingTtl: 253 } }));
    expect(finding).toMatchObject({ verdict: 'possible-box-timeout', emitter: { is: 'unknown' } });
    expect(finding?.confidence).toBeLessThanOrEqual(0.5);
  });

  test('one hop off on a route that varies is no proof', () => {
    const flags = SIDE_FLAG.timestamps | SIDE_FLAG.ttlVaries;
    const finding = findingOf(lateReset({ server: { flags }, record: { endingTtl: 61 } }));
    expect(finding).toMatchObject({ verdict: 'possible-box-timeout', emitter: { is: 'unknown' } });
  });

  test('by a load balancer that also sent the third packet of the handshake is still told by its TTL', () => {
    const split = {
      ttlHandshake: 251,
      ttlData: 52,
      flags: SIDE_FLAG.timestamps | SIDE_FLAG.ttlVaries,
    };
    const finding = findingOf(lateReset({ server: split, record: { endingTtl: 251 } }));
    expect(finding).toMatchObject({ verdict: 'box-timeout', emitter: { is: 'middlebox' } });
  });

  test('by an answer that acknowledges its bytes was aborted by the application', () => {
    const answer = lateReset({
      record: {
        endingTcpFlags: RA,
        endingFlags: ENDING_FLAG.seqExact | ENDING_FLAG.ackCoversTrigger,
      },
    });
    expect(judged(answer)).toMatchObject({
      finding: null,
      outcome: 'closed',
      resetCauses: ['abort'],
    });
  });

  test('by a live socket, timestamps going on, was aborted by the application', () => {
    const answer = fromSocket(lateReset({ record: { endingTcpFlags: RA } }));
    expect(judged(answer)).toMatchObject({ finding: null, resetCauses: ['abort'] });
  });

  test('after its peer had spoken again was not cut', () => {
    const flags = ENDING_FLAG.seqInWindow | ENDING_FLAG.senderSpokeBetween;
    const answer = lateReset({ record: { endingTcpFlags: RA, endingFlags: flags } });
    expect(judged(answer).finding).toBeNull();
  });

  test('in an IPv6 network is told by the hop limit just the same', () => {
    const finding = findingOf(
      lateReset({
        record: {
          ipVersion: 6,
          originatorAddress: '2001:db8:1::2',
          responderAddress: '2001:db8:3::9',
          endingTtl: 64,
        },
      }),
    );
    expect(finding).toMatchObject({ verdict: 'box-timeout' });
    expect(finding?.summary).toContain('[2001:db8:3::9]:27017');
  });

  test('is believed a little more when the server still answers on older connections', () => {
    const doubted = findingOf(lateReset());
    const witnessed = findingOf(lateReset(), scene({ responderAnswered: () => true }));
    expect(witnessed?.confidence).toBeGreaterThan(doubted?.confidence ?? 1);
    expect(witnessed).toMatchObject({ verdict: 'possible-box-timeout' });
  });

  test('right before the capture ends is neither believed nor doubted for what came later', () => {
    const record = lateReset();
    const within = scene({ captureEndNs: () => record.endingAtNs, responderAnswered: () => false });
    expect(
      findingOf(record, within)
        ?.evidence.map(({ fact }) => fact)
        .join(),
    ).not.toMatch(/older/);
  });

  test('although a longer silence survived says so in its evidence', () => {
    const finding = findingOf(lateReset(), scene({ longestSurvivedNs: () => 867_000_000_000n }));
    expect(finding?.evidence).toContainEqual(
      expect.objectContaining({
        speaksFor: 'not-a-timeout',
        fact: expect.stringContaining('867 s'),
      }),
    );
  });
});

describe('who woke the connection names the reset', () => {
  test('a keepalive probe: keepalive-reset', () => {
    const probe = lateReset({ kind: TRIGGER.keepalive, record: { endingTtl: 64 } });
    expect(findingOf(probe)).toMatchObject({
      signature: 'keepalive-reset',
      verdict: 'box-timeout',
    });
  });

  test("the responder: orphan-reset, at a step from the originator's TTL", () => {
    const push = lateReset({
      by: 1,
      client: { ttlHandshake: 62, ttlData: 62 },
      record: { endingTtl: 63 },
    });
    expect(findingOf(push)).toMatchObject({
      signature: 'orphan-reset',
      verdict: 'box-timeout',
      emitter: { because: expect.arrayContaining(['TTL 63 where the originator has 62']) },
    });
  });

  test('the guessed responder of a connection met mid-stream: late-reset', () => {
    const flowFlags = FLOW_FLAG.midStream | FLOW_FLAG.sawSide0 | FLOW_FLAG.sawSide1;
    const push = lateReset({ by: 1, record: { flowFlags, endingTtl: 63 } });
    expect(findingOf(push)).toMatchObject({ signature: 'late-reset' });
  });

  test('a FIN that a box answers is possible at most: the connection was given up anyway', () => {
    const fin = lateReset({ kind: TRIGGER.fin, record: { endingTtl: 64 } });
    expect(findingOf(fin)).toMatchObject({
      verdict: 'possible-box-timeout',
      emitter: { is: 'middlebox' },
    });
    expect(findingOf(fin)?.confidence).toBeLessThanOrEqual(0.5);
  });

  test('a FIN that the server itself resets is an abortive close', () => {
    const fin = lateReset({ kind: TRIGGER.fin });
    expect(judged(fin)).toMatchObject({ finding: null, resetCauses: ['abort'] });
  });

  test('a bare ACK: late-reset', () => {
    const ack = lateReset({ kind: TRIGGER.ack, record: { endingTtl: 64 } });
    expect(findingOf(ack)).toMatchObject({ signature: 'late-reset', trigger: { kind: 'ack' } });
  });
});
