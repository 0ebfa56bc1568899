import { describe, expect, test } from 'vitest';
import { ENDING, FLOW_FLAG, OUTCOME, TRIGGER } from '../../src/base/silence.ts';
import { findingOf, judged, ns, RA, scene, unanswered } from './records.ts';

const witnessed = scene({ responderAnswered: () => true });
const unheard = scene({ responderAnswered: () => false });

describe('a connection that wakes after 350 s and is never answered', () => {
  test('while the server answers others was dropped by a box', () => {
    const finding = findingOf(unanswered(), witnessed);
    expect(finding).toMatchObject({
      signature: 'blackhole',
      verdict: 'box-timeout',
      emitter: { is: 'middlebox' },
      ending: { kind: 'none', by: null, form: null, atNs: null },
    });
    expect(finding?.ending.hangNs).toBe(ns(12.6));
    expect(finding?.confidence).toBeLessThan(0.8);
    expect(finding?.summary).toContain('7 attempts in 12.6 s');
  });

  test('while nobody hears the server may have met a dead server', () => {
    for (const within of [unheard, undefined]) {
      const finding = findingOf(unanswered(), within);
      expect(finding).toMatchObject({
        verdict: 'possible-box-timeout',
        emitter: { is: 'unknown' },
      });
    }
  });

  test('asks for its witness while it was trying, and not for what came before the trigger or after the last try', () => {
    const asked: bigint[][] = [];
    const record = unanswered();
    findingOf(
      record,
      scene({
        responderAnswered: (_, from, until) => {
          asked.push([from, until]);
          return true;
        },
      }),
    );
    expect(asked).toContainEqual([record.triggerAtNs + ns(1), record.triggerAtNs + ns(12.6)]);
  });

  test('three times only, before the capture ends, is open', () => {
    const record = unanswered({ retransmissions: 3 });
    expect(judged(record, witnessed)).toMatchObject({ finding: null, outcome: 'open' });
  });

  test('often, but within ten round trips, is open: the answer may be under way', () => {
    const record = unanswered({ retransmissions: 4, server: { minRttNs: 500_000_000 } });
    expect(judged(record, witnessed)).toMatchObject({ finding: null, outcome: 'open' });
  });

  test('until its keepalive gives up with a reset of its own has lost its peer', () => {
    const base = unanswered({ kind: TRIGGER.keepalive, retransmissions: 3 });
    const gaveUp = {
      ...base,
      endingKind: ENDING.rst,
      endingBy: 0 as const,
      endingAtNs: base.endedAtNs + ns(8),
      endingTcpFlags: RA,
      endingTtl: 64,
      frameEnding: 7,
    };
    expect(judged(gaveUp, unheard)).toMatchObject({
      resetCauses: ['blackhole'],
      finding: {
        verdict: 'possible-box-timeout',
        ending: { kind: 'rst', by: 'originator', latencyNs: null },
      },
    });
  });

  test('and aborts after two tries gave up for reasons of its own', () => {
    const base = unanswered({ retransmissions: 2 });
    const abort = {
      ...base,
      endingKind: ENDING.rst,
      endingBy: 0 as const,
      endingAtNs: base.endedAtNs + ns(1),
      endingTcpFlags: RA,
      frameEnding: 7,
    };
    expect(judged(abort, witnessed)).toMatchObject({
      finding: null,
      outcome: 'closed',
      resetCauses: ['abort'],
    });
  });

  test('because a router says the packet is too big is a PMTU hole', () => {
    const base = unanswered({ record: { icmpType: 3, icmpCode: 4, triggerPayload: 1448 } });
    expect(
      judged({ ...base, icmpAtNs: base.triggerAtNs + ns(0.01) }, witnessed).finding,
    ).toBeNull();
  });

  test('is no PMTU hole where the packet that is too big is a probe without payload', () => {
    const base = unanswered({
      kind: TRIGGER.keepalive,
      record: { icmpType: 3, icmpCode: 4 },
    });
    const finding = judged({ ...base, icmpAtNs: base.triggerAtNs + ns(0.01) }, witnessed).finding;
    expect(finding).toMatchObject({ signature: 'blackhole' });
  });

  test('when the responder speaks first has no witness: nobody vouches for the originator', () => {
    const finding = findingOf(unanswered({ by: 1 }), witnessed);
    expect(finding).toMatchObject({ verdict: 'possible-box-timeout' });
  });

  test('but hears its peer again much later met an outage', () => {
    const base = unanswered();
    const later = { ...base, flowFlags: base.flowFlags | FLOW_FLAG.otherSpokeLater };
    const finding = findingOf(later, witnessed);
    expect(finding).toMatchObject({ verdict: 'possible-box-timeout' });
    expect(finding?.confidence).toBeLessThan(0.3);
  });

  test('while its peer had closed the window may wait for a host asleep', () => {
    const probing = unanswered({ kind: TRIGGER.windowProbe });
    expect(findingOf(probing, witnessed)).toMatchObject({ verdict: 'possible-box-timeout' });
  });

  test('by a FIN that nobody acknowledges is possible at most', () => {
    expect(findingOf(unanswered({ kind: TRIGGER.fin }), witnessed)).toMatchObject({
      verdict: 'possible-box-timeout',
    });
  });

  test('and that the tracker calls open stays open', () => {
    const open = unanswered({ record: { outcome: OUTCOME.open } });
    expect(judged(open, witnessed)).toMatchObject({ finding: null, outcome: 'open' });
  });
});
