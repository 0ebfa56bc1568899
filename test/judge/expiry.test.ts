import { describe, expect, test } from 'vitest';
import { ENDING_FLAG, OUTCOME, SIDE_FLAG } from '../../src/base/silence.ts';
import { findingOf, fromSocket, idleFin, judged, ns, R, unaskedReset } from './records.ts';

const plain = SIDE_FLAG.ipIdCounts; // no timestamps on the flow

describe('a reset that nothing asked for, after 90 s of silence', () => {
  test('at another TTL and without timestamps is a box whose timer ran out', () => {
    const finding = findingOf(unaskedReset({ silent: 90, record: { endingTtl: 64 } }));
    expect(finding).toMatchObject({
      signature: 'expiry-reset',
      verdict: 'box-timeout',
      emitter: { is: 'middlebox' },
      ending: { form: 'box', latencyNs: null, hangNs: 0n },
      trigger: { kind: 'none', by: null },
    });
    expect(finding?.confidence).toBeGreaterThanOrEqual(0.9);
    expect(finding?.summary).toContain('after 90 s');
  });

  test('by a live socket is an application that aborts', () => {
    expect(judged(fromSocket(unaskedReset()))).toMatchObject({
      finding: null,
      outcome: 'closed',
      resetCauses: ['abort'],
    });
  });

  test('to both ends within a second came from between them', () => {
    const both = unaskedReset({ server: { flags: plain } });
    const finding = findingOf({
      ...both,
      pairAtNs: both.endingAtNs + 2_000_000n,
      pairBy: 0,
      pairTtl: 64,
      framePair: 9,
    });
    expect(finding).toMatchObject({ verdict: 'box-timeout', emitter: { is: 'middlebox' } });
    expect(finding?.emitter.because).toContain('a reset to either end within 2 ms');
  });

  test('to both ends, each by a live socket at its own TTL, is two applications with one timer', () => {
    const both = fromSocket(unaskedReset());
    const pair = {
      ...both,
      pairAtNs: both.endingAtNs + ns(0.5),
      pairBy: 0 as const,
      pairTtl: 64,
      framePair: 9,
    };
    expect(judged(pair)).toMatchObject({ finding: null, resetCauses: ['abort', 'abort'] });
  });

  test('twice from the same side is one sender that repeats itself, not a pair', () => {
    const twice = unaskedReset({ server: { flags: plain } });
    const pair = {
      ...twice,
      pairAtNs: twice.endingAtNs + ns(0.5),
      pairBy: 1 as const,
      pairTtl: 62,
      framePair: 9,
    };
    expect(judged(pair)).toMatchObject({ finding: null, resetCauses: ['abort', 'abort'] });
  });

  test("at the load balancer's TTL (handshake 251, data 52) is the load balancer's timer", () => {
    const finding = findingOf(
      unaskedReset({
        silent: 181.46,
        server: { ttlHandshake: 251, ttlData: 52, ipId: 49428, window: 492, flags: plain },
        record: { endingTtl: 251, endingIpId: 32788, endingWindow: 9300 },
      }),
    );
    expect(finding).toMatchObject({ verdict: 'box-timeout', emitter: { is: 'middlebox' } });
    expect(finding?.emitter.because.join()).toContain('window 9300');
    expect(finding?.confidence).toBeGreaterThanOrEqual(0.8);
  });

  test('with window 9300 alone proves nothing', () => {
    const reset = unaskedReset({
      server: { flags: plain },
      record: { endingWindow: 9300, endingIpId: 9001 },
    });
    expect(judged(reset)).toMatchObject({ finding: null, resetCauses: ['abort'] });
  });

  test("with the endpoint's TTL, window 0 and an IP-ID somewhat ahead is a busy host that aborts", () => {
    const reset = unaskedReset({ server: { flags: plain }, record: { endingIpId: 9057 } });
    expect(judged(reset)).toMatchObject({ finding: null, resetCauses: ['abort'] });
  });

  test('with IP-ID 0 alone proves nothing: closed sockets send that too', () => {
    const reset = unaskedReset({ server: { flags: plain } });
    expect(judged(reset)).toMatchObject({ finding: null, resetCauses: ['abort'] });
  });

  test("without timestamps at the endpoint's own TTL is possible, no more", () => {
    const finding = findingOf(unaskedReset());
    expect(finding).toMatchObject({ signature: 'expiry-reset', verdict: 'possible-box-timeout' });
    expect(finding?.confidence).toBeLessThanOrEqual(0.5);
  });

  test('whose options the snaplen cut off is not held to lack timestamps', () => {
    const reset = unaskedReset({
      record: { endingFlags: ENDING_FLAG.seqExact | ENDING_FLAG.optionsUnknown },
    });
    expect(judged(reset)).toMatchObject({ finding: null, resetCauses: ['abort'] });
  });

  test("at another TTL with the sender's next IP-ID may be a changed route: possible, no more", () => {
    const record = { endingTtl: 61, endingIpId: 9001 };
    const finding = findingOf(unaskedReset({ server: { flags: plain }, record }));
    expect(finding).toMatchObject({
      verdict: 'possible-box-timeout',
      emitter: { is: 'unknown' },
    });
    expect(finding?.confidence).toBeLessThanOrEqual(0.5);
  });

  test('with the next IP-ID, but at another TTL and without timestamps, is a box that copies the counter', () => {
    const finding = findingOf(unaskedReset({ record: { endingTtl: 64, endingIpId: 9001 } }));
    expect(finding).toMatchObject({ verdict: 'box-timeout', emitter: { is: 'middlebox' } });
  });

  test('bare, without ACK, at another TTL is a box as well', () => {
    const finding = findingOf(unaskedReset({ record: { endingTcpFlags: R, endingTtl: 127 } }));
    expect(finding).toMatchObject({ verdict: 'box-timeout', ending: { form: 'box' } });
  });
});

describe('a FIN after 350 s of silence', () => {
  test("at another TTL with the sender's next IP-ID is its own: the route has changed", () => {
    const moved = { server: { flags: plain }, record: { endingTtl: 61, endingFlags: 0 } };
    expect(judged(idleFin(moved))).toMatchObject({ finding: null, outcome: 'closed' });
    // Somewhat ahead may be chance: once in 256 times, against a step that is nearly proof.
    const ahead = { ...moved, record: { ...moved.record, endingIpId: 9057 } };
    expect(findingOf(idleFin(ahead))).toMatchObject({ verdict: 'box-timeout' });
  });

  test('made between the ends is a box that closes at expiry', () => {
    const fin = idleFin({ record: { endingTtl: 64, endingFlags: 0 } });
    expect(judged(fin)).toMatchObject({
      outcome: 'killed',
      resetCauses: [],
      finding: { signature: 'expiry-fin', verdict: 'box-timeout', ending: { kind: 'fin' } },
    });
  });

  test('by the server itself is the server closing', () => {
    expect(judged(idleFin())).toMatchObject({ finding: null, outcome: 'closed', resetCauses: [] });
  });

  test('seen only as an acknowledgement one too high locates nobody', () => {
    const inferred = idleFin({ record: { endingKind: 3, endingTtl: 64, outcome: OUTCOME.closed } });
    expect(judged(inferred).finding).toBeNull();
  });
});
