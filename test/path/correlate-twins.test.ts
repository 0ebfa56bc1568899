/** The same silence at two capture points: by which key it is recognised, and how far apart the clocks are. */
import { describe, expect, test } from 'vitest';
import { OUTCOME, SIDE_FLAG } from '../../src/base/silence.ts';
import { lateReset, quiet } from '../judge/records.ts';
import { bothSides, IN, inside, ns, OUT, outside } from './correlate-kit.ts';

const cut = lateReset(inside({ silent: 350 }));
const silentOutside = quiet(outside({ silent: 900 }));

describe('twins', () => {
  test('are found where a box rewrites sequence numbers, by both sides’ timestamps', () => {
    const rewritten = { nxt: 77, ack: 88 };
    const there = quiet(outside({ silent: 900, client: { ...rewritten, tsval: 40000 } }));
    expect(bothSides([cut, there]).at(IN).finding?.verdict).toBe('box-timeout');
  });

  test('without timestamps by IP-ID and window, but not where two look alike', () => {
    const flags = SIDE_FLAG.ipIdCounts | SIDE_FLAG.sentPayload;
    const plain = { flags, tsval: 0 };
    const here = lateReset(inside({ silent: 350, client: plain, server: plain }));
    const other = (nxt: number, port: number) =>
      quiet(
        outside({
          silent: 900,
          port,
          client: { ...plain, nxt, ack: nxt },
          server: { ...plain, nxt },
        }),
      );
    expect(bothSides([here, other(5, 40000)]).at(IN).finding?.verdict).toBe('box-timeout');
    const alike = bothSides([here, other(5, 40000), other(6, 40001)]);
    expect(alike.at(IN).finding?.verdict).toBe('possible-box-timeout');
  });

  test('may have guessed their originator the other way round', () => {
    const there = {
      ...silentOutside,
      originatorAddress: silentOutside.responderAddress,
      originatorPort: silentOutside.responderPort,
      responderAddress: silentOutside.originatorAddress,
      responderPort: silentOutside.originatorPort,
      sides: [silentOutside.sides[1], silentOutside.sides[0]] as const,
      lastBeforeBy: 1 as const,
    };
    expect(bothSides([cut, there]).at(IN).finding).toMatchObject({
      verdict: 'box-timeout',
      translated: { originator: { address: '203.0.113.1' }, responder: { port: 27017 } },
    });
  });

  test('with the same numbers at different times are two silences', () => {
    const later = quiet(outside({ from: 5000, silent: 900 }));
    expect(bothSides([cut, later]).at(IN).finding?.verdict).toBe('possible-box-timeout');
  });
});

describe('clocks of two captures', () => {
  const shifted = (seconds: number) => {
    const by = ns(seconds);
    const there = quiet(outside({ silent: 900 }));
    return {
      ...there,
      startedAtNs: there.startedAtNs + by + 1_000_000n,
      endedAtNs: there.endedAtNs + by,
    };
  };

  test('are apart by what the same packets show', () => {
    const { clocks, at } = bothSides([cut, shifted(3600)], { together: true });
    expect(clocks).toEqual([
      { source: 0, offsetNs: 0n, matched: 0 },
      { source: 1, offsetNs: ns(3600) + 1_000_000n, matched: 1 },
    ]);
    expect(at(IN).finding?.verdict).toBe('box-timeout');
  });

  test('are not made up where no packet was in both', () => {
    const stranger = quiet(outside({ port: 40007, silent: 900 }));
    const { clocks } = bothSides([cut, stranger], { together: true });
    expect(clocks[1]).toEqual({ source: 1, offsetNs: null, matched: 0 });
  });

  test('transit there and back cancels out', () => {
    const survived = (story: typeof inside, transit: bigint) => {
      const base = quiet(story({ silent: 30, record: { outcome: OUTCOME.survived } }));
      return {
        ...base,
        startedAtNs: base.startedAtNs + transit,
        triggerKind: 1,
        triggerSeq: base.sides[0].nxt,
        triggerAtNs: base.endedAtNs + transit,
        answeredAtNs: base.endedAtNs + ns(0.1) - transit,
      };
    };
    const records = [survived(inside, 0n), { ...survived(outside, 4_000_000n), capturePoint: OUT }];
    const { clocks } = bothSides(records, { together: true });
    expect(clocks[1]).toMatchObject({ offsetNs: 0n, matched: 3 });
  });
});
